using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>A contact in double precision, as the queries share it.</summary>
internal readonly record struct Touch(int Upper, int Lower, Double3 Normal, List<Double3> Points)
{
    /// <summary>All contacts of a world in the order of their bodies, the ground first.</summary>
    public static List<Touch> FindAll(World world, double tolerance, out OrientedBox[] boxes)
    {
        boxes = new OrientedBox[world.Bodies.Count];
        var touches = new List<Touch>();
        for (var i = 0; i < boxes.Length; i++)
        {
            boxes[i] = new(world.Bodies[i]);
            if (world.HasGround)
            {
                Add(touches, world, boxes, (i, Contact.Ground), tolerance);
            }

            for (var j = 0; j < i; j++)
            {
                Add(touches, world, boxes, (i, j), tolerance);
            }
        }

        return touches;
    }

    private static void Add(
        List<Touch> touches, World world, OrientedBox[] boxes, (int A, int B) pair, double tolerance)
    {
        var (a, b) = pair;
        var canMove = IsDynamic(world, a) || IsDynamic(world, b);
        var other = b == Contact.Ground ? OrientedBox.Ground : boxes[b];
        if (!canMove || IsFarApart(boxes[a], other, tolerance))
        {
            return;
        }

        var points = new List<Double3>();
        if (BoxContact.TryFind(boxes[a], other, tolerance, out var normal, points))
        {
            // Side by side, the body with the larger index counts as the upper one.
            var isUpper = b == Contact.Ground || normal.Y >= 0;
            touches.Add(isUpper ? new(a, b, normal, points) : new(b, a, -normal, points));
        }
    }

    private static bool IsDynamic(World world, int body) =>
        body != Contact.Ground && world.Bodies[body].Motion == Motion.Dynamic;

    private static bool IsFarApart(in OrientedBox a, in OrientedBox b, double tolerance) =>
        (a.Center - b.Center).Length > a.Half.Length + b.Half.Length + tolerance;
}

/// <summary>Two bodies that touch, from their poses alone.</summary>
/// <param name="Upper">Index of the body on the side that the normal points to.</param>
/// <param name="Lower">Index of the other body; <see cref="Ground"/> if it is the ground plane.</param>
/// <param name="Normal">Unit, world frame, from the lower to the upper body; y is at least 0.</param>
/// <param name="Points">Corners of the contact area in order, m; two of a line, one of a corner.</param>
public sealed record Contact(int Upper, int Lower, Vector3 Normal, IReadOnlyList<Vector3> Points)
{
    /// <summary>The index that stands for the ground plane.</summary>
    public const int Ground = -1;
}
