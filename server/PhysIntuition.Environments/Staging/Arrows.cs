using System.Numerics;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Staging;

/// <summary>Arrows that show a velocity.</summary>
internal static class Arrows
{
    /// <summary>Length for each m/s, over the block's width.</summary>
    public const float WidthsPerSpeed = 0.4f;

    private const float Thickness = 0.12f;   // of the block's width

    /// <summary>An arrow from a block's side in the direction of a velocity.</summary>
    /// <param name="body">The block.</param>
    /// <param name="velocity">m/s along x.</param>
    public static Overlay Of(in Body body, Vector3 velocity)
    {
        var width = 2f * body.HalfExtents.X;
        var from = body.Position + new Vector3(velocity.X < 0 ? -body.HalfExtents.X : body.HalfExtents.X, 0f, 0f);

        return new(OverlayKind.Arrow, from, from + (velocity * (width * WidthsPerSpeed)), width * Thickness,
            Paints.Mark);
    }

    /// <summary>An arrow of one length for each m/s, whatever the block.</summary>
    /// <param name="body">The block.</param>
    /// <param name="velocity">m/s along x.</param>
    /// <param name="lengthPerSpeed">m of arrow for each m/s.</param>
    public static Overlay Of(in Body body, Vector3 velocity, float lengthPerSpeed)
    {
        var side = velocity.X < 0 ? -body.HalfExtents.X : body.HalfExtents.X;
        var from = body.Position + new Vector3(side, 0f, 0f);

        return new(OverlayKind.Arrow, from, from + (velocity * lengthPerSpeed), 0.05f, Paints.Mark);
    }
}
