namespace PhysIntuition.Environments.Staging;

/// <summary>Arrows that show a velocity.</summary>
internal static class Arrows
{
    /// <summary>Length for each m/s, over the block's width.</summary>
    public const float WidthsPerSpeed = 0.4f;

    private const float Thickness = 0.12f;   // of the block's width
    private const float Lift = 0.12f;        // m above a block's top

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

    /// <summary>An arrow above a block's middle, of one length for each m/s, whatever the block.</summary>
    /// <remarks>Above, so that the arrows of two blocks that are about to meet do not cover each other.</remarks>
    /// <param name="body">The block.</param>
    /// <param name="velocity">m/s along x.</param>
    /// <param name="lengthPerSpeed">m of arrow for each m/s.</param>
    public static Overlay Above(in Body body, Vector3 velocity, float lengthPerSpeed)
    {
        var from = body.Position + new Vector3(0f, body.HalfExtents.Y + Lift, 0f);

        return new(OverlayKind.Arrow, from, from + (velocity * lengthPerSpeed), 0.06f, Paints.Mark);
    }
}

/// <summary>Letters and numbers on blocks that a question names.</summary>
internal static class Labels
{
    private const float Share = 0.6f;   // of a block's height

    /// <summary>A label on the middle of a block's front.</summary>
    public static Overlay On(in Body body, string text) => new(OverlayKind.Label,
        body.Position + new Vector3(0f, 0f, body.HalfExtents.Z), default, body.HalfExtents.Y * (2 * Share), Vector3.One,
        text);
}
