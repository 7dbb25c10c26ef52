namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>What sets one look apart from another; all factors multiply the scene's own values.</summary>
internal struct LookSettings
{
    public float Sun, SunRadius, Sky, Bounce;

    /// <summary>1: the sky's own colour, 0: grey of the same strength.</summary>
    public float SkyTint;

    public float ShadowDepth, OcclusionDepth;

    public float Grain, GroundGrain, Gloss, Bevel, Outline;

    public Triple Horizon, Zenith;

    public ToneCurve Tone;

    public static LookSettings Of(Look look) => look switch
    {
        Look.Cubeworld => Cubeworld,
        Look.Photo => Photo,
        Look.Schematic => Schematic,
        _ => Studio,
    };

    private static LookSettings Studio => new()
    {
        Sun = 1f,
        SunRadius = 1f,
        Sky = 1f,
        Bounce = 1f,
        SkyTint = 1f,
        ShadowDepth = 1f,
        OcclusionDepth = 1f,
        Grain = 1f,
        GroundGrain = 1f,
        Gloss = 1f,
        Bevel = 1f,
        Horizon = Triple.Of(0.70f, 0.74f, 0.78f),
        Zenith = Triple.Of(0.30f, 0.42f, 0.62f),
        Tone = ToneCurve.Filmic,
    };

    private static LookSettings Cubeworld => new()
    {
        Sun = 0.36f,
        SunRadius = 0.6f,
        Sky = 1.12f,
        Bounce = 1.9f,
        SkyTint = 0.25f,
        ShadowDepth = 0.75f,
        OcclusionDepth = 0.8f,
        GroundGrain = 0.4f,
        Bevel = 0.25f,
        Horizon = Triple.Of(0.86f, 0.91f, 0.96f),
        Zenith = Triple.Of(0.62f, 0.77f, 0.93f),
        Tone = ToneCurve.Plain,
    };

    private static LookSettings Photo => new()
    {
        Sun = 0.30f,
        SunRadius = 3.2f,
        Sky = 1.25f,
        Bounce = 1.5f,
        SkyTint = 0.1f,
        ShadowDepth = 0.9f,
        OcclusionDepth = 1f,
        Grain = 1.5f,
        GroundGrain = 1f,
        Gloss = 0.5f,
        Bevel = 0.7f,
        Horizon = Triple.Of(0.60f, 0.58f, 0.55f),
        Zenith = Triple.Of(0.50f, 0.48f, 0.46f),
        Tone = ToneCurve.Filmic,
    };

    private static LookSettings Schematic => new()
    {
        Sun = 0.22f,
        SunRadius = 1f,
        Sky = 1.15f,
        Bounce = 2.4f,
        GroundGrain = 0.3f,
        Bevel = 0.02f,
        Outline = 1.2f,
        Horizon = Triple.Of(1f, 1f, 1f),
        Zenith = Triple.Of(1f, 1f, 1f),
        Tone = ToneCurve.Plain,
    };
}
