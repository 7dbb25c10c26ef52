using System.Numerics;

namespace PhysIntuition.SecondOpinions.Statics;

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
