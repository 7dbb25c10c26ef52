using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.SecondOpinions;

/// <summary>What became of a scene in one engine, in words that do not depend on the engine.</summary>
/// <param name="FallenBodies">Bit i: body i dropped by more than a quarter of its height.</param>
/// <param name="TurnedBodies">Bit i: body i's upright axis leans by more than 45 degrees.</param>
/// <param name="End">The scene at the end.</param>
public sealed record Verdict(ulong FallenBodies, ulong TurnedBodies, World End)
{
    private const float DropShare = 0.25f;       // of the body's height
    private const float LeanCosine = 0.70710678f;

    /// <summary>Whether anything fell or turned over.</summary>
    public bool HasFallen => (FallenBodies | TurnedBodies) != 0;

    /// <summary>Compares a world after its run with its start.</summary>
    public static Verdict Of(World start, World end)
    {
        ulong fallen = 0, turned = 0;
        for (var i = 0; i < start.Bodies.Count; i++)
        {
            var (a, b) = (start.Bodies[i], end.Bodies[i]);
            fallen |= a.Position.Y - b.Position.Y > DropShare * 2 * a.HalfExtents.Y ? 1ul << i : 0;
            turned |= Vector3.Dot(Up(a), Up(b)) < LeanCosine ? 1ul << i : 0;
        }

        return new(fallen, turned, end);
    }

    /// <summary>Whether the same bodies fell and turned over.</summary>
    public bool IsSameClass(Verdict other) =>
        FallenBodies == other.FallenBodies && TurnedBodies == other.TurnedBodies;

    private static Vector3 Up(in Body body) => Vector3.Transform(Vector3.UnitY, body.Orientation);
}
