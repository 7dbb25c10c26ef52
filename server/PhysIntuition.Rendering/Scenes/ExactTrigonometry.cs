namespace PhysIntuition.Rendering.Scenes;

/// <summary>Sine, cosine and tangent with the same bits on every machine.</summary>
/// <remarks>Taylor series in double; for angles up to 7 rad the rest is below 1e-9.</remarks>
internal static class ExactTrigonometry
{
    private const int Terms = 40;

    public static float Sine(float angle) => (float)Evaluate(angle).Sine;

    public static float Cosine(float angle) => (float)Evaluate(angle).Cosine;

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
