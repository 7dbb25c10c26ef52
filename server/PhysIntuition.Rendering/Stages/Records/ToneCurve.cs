namespace PhysIntuition.Rendering.Stages.Records;

/// <summary>Linear light to display: x (P0 + P1 x + P2 x²) / (1 + x (Q0 + Q1 x + Q2 x²)), one division.</summary>
/// <remarks>Both curves rise all the way and end just below 1, so that no clamp is needed after them.</remarks>
internal struct ToneCurve
{
    /// <summary>Light from here on is white.</summary>
    public float White;

    public float P0, P1, P2, Q0, Q1, Q2;

    /// <summary>The sRGB curve alone; its worst error is 0.41 / 255.</summary>
    public static ToneCurve Plain => new()
    {
        White = 1f,
        P0 = 15.1723566f,
        P1 = 186.813648f,
        P2 = 62.6024224f,
        Q0 = 69.7890852f,
        Q1 = 193.976284f,
    };

    /// <summary>A soft shoulder, then sRGB; white is reached at four times the light of a white surface.</summary>
    public static ToneCurve Filmic => new()
    {
        White = 4f,
        P0 = 13.38298f,
        P1 = 65.55474f,
        P2 = 65.62512f,
        Q0 = 44.56838f,
        Q1 = 41.18935f,
        Q2 = 70.17996f,
    };
}
