namespace PhysIntuition.Rendering.Scenes;

/// <summary>Cameras and suns that show a whole structure.</summary>
/// <remarks>
/// Pass what is the same for every outcome (number and size of blocks, never where a block will land or how far it
/// leans): a camera that follows the blocks betrays whether they fall.
/// </remarks>
public static class Framing
{
    private const float TowerWidth = 2.2f;    // edges: a column, its shifts, and a block beside it
    private const float SunTurn = 1.05f;      // rad from the viewer towards his left: shadows fall right and back
    private const float SunHeight = 0.90f;    // rad above the horizon
    private const float Ground = 0.02f;       // of the distance: the eye's least height

    /// <summary>Frames a column of blocks on the ground at the origin.</summary>
    /// <param name="height">Of all blocks together, m.</param>
    /// <param name="edge">Of a typical block, m.</param>
    /// <param name="options">Side and closeness; the default where null.</param>
    public static Camera Tower(float height, float edge, FramingOptions? options = null) =>
        Structure(TowerWidth * edge, height, options);

    /// <summary>Frames an upright box of square base on the ground at the origin.</summary>
    /// <param name="width">Of the base, m.</param>
    /// <param name="height">m.</param>
    /// <param name="options">Side and closeness; the default where null.</param>
    public static Camera Structure(float width, float height, FramingOptions? options = null) =>
        Around(new(-0.5f * width, 0f, -0.5f * width), new(0.5f * width, height, 0.5f * width), options);

    /// <summary>Frames a box: the nearest eye from which all of it is in the picture, off the margin.</summary>
    /// <param name="low">Least corner, m.</param>
    /// <param name="high">Greatest corner, m.</param>
    /// <param name="options">Side and closeness; the default where null.</param>
    /// <exception cref="PhysIntuitionException">A side is not above 0, or an option is out of range.</exception>
    public static Camera Around(Vector3 low, Vector3 high, FramingOptions? options = null)
    {
        options ??= new();
        Check(low, high, options);
        var back = Backwards(options);
        var right = new Vector3(back.Z, 0f, -back.X);
        right *= 1f / MathF.Sqrt((right.X * right.X) + (right.Z * right.Z));
        var up = new Vector3(back.Y * right.Z, (back.Z * right.X) - (back.X * right.Z), -back.Y * right.X);
        var middle = (low + high) * 0.5f;
        var reachY = ExactTrigonometry.Tangent(options.FieldOfView * 0.5f) * (1f - options.Margin);
        var reachX = reachY * options.Aspect;

        // In the picture from distance d: |x| <= reach (d - depth), for every corner and both directions.
        var distance = 0f;
        for (var i = 0; i < 8; i++)
        {
            var corner = new Vector3(
                (i & 1) == 0 ? low.X : high.X, (i & 2) == 0 ? low.Y : high.Y, (i & 4) == 0 ? low.Z : high.Z) - middle;
            var depth = Along(corner, back);
            distance = Larger(distance, (MathF.Abs(Along(corner, right)) / reachX) + depth);
            distance = Larger(distance, (MathF.Abs(Along(corner, up)) / reachY) + depth);
        }

        var eye = middle + (back * distance);
        eye.Y = Larger(eye.Y, distance * Ground);
        return new() { Eye = eye, Target = middle, FieldOfView = options.FieldOfView };
    }

    /// <summary>The studio's light from over the viewer's left shoulder.</summary>
    public static Light Sun(in Camera camera)
    {
        var back = camera.Eye - camera.Target;
        var length = MathF.Sqrt((back.X * back.X) + (back.Z * back.Z));
        var (x, z) = length < 1e-6f ? (0f, 1f) : (back.X / length, back.Z / length);
        var (sine, cosine) = ExactTrigonometry.SineCosine(SunTurn);
        var (height, level) = ExactTrigonometry.SineCosine(SunHeight);
        return new()
        {
            SunDirection = new(
                ((x * cosine) - (z * sine)) * level,
                height,
                ((z * cosine) + (x * sine)) * level),
        };
    }

    private static Vector3 Backwards(FramingOptions options)
    {
        var (height, level) = ExactTrigonometry.SineCosine(options.Elevation);
        var (sine, cosine) = ExactTrigonometry.SineCosine(options.Azimuth);
        return new(sine * level, height, cosine * level);
    }

    private static float Along(Vector3 a, Vector3 b) => (a.X * b.X) + (a.Y * b.Y) + (a.Z * b.Z);

    private static float Larger(float a, float b) => a > b ? a : b;

    private static void Check(Vector3 low, Vector3 high, FramingOptions options)
    {
        var size = high - low;
        Require(size.X > 0f && size.Y > 0f && size.Z > 0f, "high", high, "each side must be above 'low'. Swap them");
        Require(MathF.Abs(options.Azimuth) <= 6.3f, "azimuth", options.Azimuth, "[-6.3, 6.3] rad is allowed. Wrap it");
        Require(options.Elevation is >= 0f and <= 1.4f, "elevation", options.Elevation,
            "[0, 1.4] rad is allowed. Look down less steeply");
        Require(options.FieldOfView is >= 0.1f and <= 2f, "field_of_view", options.FieldOfView,
            "[0.1, 2] rad is allowed. Take 0.7");
        Require(options.Aspect is >= 0.01f and <= 100f, "aspect", options.Aspect,
            "[0.01, 100] is allowed. Pass width over height");
        Require(options.Margin is >= 0f and <= 0.9f, "margin", options.Margin, "[0, 0.9] is allowed. Take 0.16");
    }

    private static void Require(bool isMet, string field, object value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, $"'{field}' is {value}; {rule}.");
        }
    }
}

/// <summary>From which side and how closely a structure is framed.</summary>
public sealed record FramingOptions
{
    /// <summary>Where the eye stands around the structure, rad in [-6.3, 6.3]; 0 is +z, growing towards +x.</summary>
    public float Azimuth { get; init; } = 0.6f;

    /// <summary>How far the eye looks down, rad in [0, 1.4].</summary>
    public float Elevation { get; init; } = 0.36f;

    /// <summary>Vertical field of view, rad in [0.1, 2].</summary>
    public float FieldOfView { get; init; } = 0.70f;

    /// <summary>Width over height of the picture, in [0.01, 100].</summary>
    public float Aspect { get; init; } = 1f;

    /// <summary>Part of the picture's half side left free around the structure, in [0, 0.9].</summary>
    public float Margin { get; init; } = 0.16f;
}

/// <summary>Sine, cosine and tangent with the same bits on every machine.</summary>
/// <remarks>Taylor series in double; for angles up to 7 rad the rest is below 1e-9.</remarks>
internal static class ExactTrigonometry
{
    private const int Terms = 40;

    public static (float Sine, float Cosine) SineCosine(float angle)
    {
        var (sine, cosine) = Evaluate(angle);
        return ((float)sine, (float)cosine);
    }

    public static float Tangent(float angle)
    {
        var (sine, cosine) = Evaluate(angle);
        return (float)(sine / cosine);
    }

    private static (double Sine, double Cosine) Evaluate(double x)
    {
        double square = x * x, sine = 0, cosine = 0, term = 1;
        for (var i = 0; i < Terms; i += 2)
        {
            cosine += term;
            sine += term * x / (i + 1);
            term *= -square / ((i + 1) * (i + 2));
        }

        return (sine, cosine);
    }
}
