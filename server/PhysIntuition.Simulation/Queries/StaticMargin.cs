using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Queries.Geometry;
using PhysIntuition.Simulation.Queries.Statics;

namespace PhysIntuition.Simulation.Queries;

/// <summary>How a static margin was found.</summary>
public enum StaticMarginKind
{
    /// <summary>Every body rests on one other: centres of mass against support polygons; exact.</summary>
    Columns,

    /// <summary>Forces at all contacts by a linear programme; to 1/1024, friction by an inscribed pyramid.</summary>
    ContactForces,
}

/// <summary>How far a structure is from falling over under its own weight, from its poses alone.</summary>
/// <remarks>
/// The margin is the largest share m of the width by which the sides of every support polygon can move
/// inwards with the structure still in equilibrium; it is negative where they must move outwards first.
/// The width is that of the upper body of the contact, along the direction in which the side moves.
/// </remarks>
/// <param name="Value">In [-1, 0.5]; a body without support makes it -1.</param>
/// <param name="Kind">How it was found.</param>
/// <param name="Body">
/// For columns, the lowest body of the part that is nearest to tipping; -1 if not known or if nothing can move.
/// </param>
public readonly record struct StaticMargin(float Value, StaticMarginKind Kind, int Body)
{
    private const double Least = -1, Most = 0.5;

    /// <summary>Whether the structure stands, by the criterion.</summary>
    public bool IsStable => Value >= 0;

    /// <summary>Judges a world at rest; velocities, pushes and restitution are ignored.</summary>
    /// <param name="world">Is not changed.</param>
    /// <param name="tolerance">Bodies at most this far apart touch, m, in [0, 0.1].</param>
    /// <exception cref="Faults.PhysIntuitionException">The world or the tolerance is out of range.</exception>
    public static StaticMargin Of(World world, float tolerance = ContactGraph.DefaultTolerance)
    {
        QueryChecks.InRange("tolerance", tolerance, 0f, 0.1f, "m");
        WorldChecks.Check(world);
        var touches = Touch.FindAll(world, tolerance, out var boxes);
        if (!world.Bodies.Exists(body => body.Motion == Motion.Dynamic))
        {
            return new((float)Most, StaticMarginKind.Columns, -1);
        }

        if (ColumnMargin.TryFind(world, boxes, touches, out var margin, out var weakest))
        {
            return new((float)Math.Clamp(margin, Least, Most), StaticMarginKind.Columns, weakest);
        }

        return new((float)ForceMargin.Find(world, boxes, touches, Least, Most), StaticMarginKind.ContactForces, -1);
    }
}
