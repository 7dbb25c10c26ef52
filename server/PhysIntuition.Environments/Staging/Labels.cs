using System.Numerics;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Staging;

/// <summary>Letters and numbers on blocks that a question names.</summary>
internal static class Labels
{
    private const float Share = 0.6f;   // of a block's height

    /// <summary>A label on the middle of a block's front.</summary>
    public static Overlay On(in Body body, string text) => new(OverlayKind.Label,
        body.Position + new Vector3(0f, 0f, body.HalfExtents.Z), default, body.HalfExtents.Y * (2 * Share), Vector3.One,
        text);
}
