namespace PhysIntuition.Environments.Staging;

/// <summary>Sine and cosine by their own series: library functions differ in the last bit from machine to
/// machine.</summary>
internal static class Angles
{
    private const double DegreesToRadians = 0.017453292519943295;   // pi / 180

    /// <summary>Radians of an angle in degrees.</summary>
    public static double FromDegrees(double degrees) => degrees * DegreesToRadians;

    /// <summary>Sine, error below 1e-9.</summary>
    /// <param name="radians">In [-2 pi, 2 pi].</param>
    public static double Sin(double radians)
    {
        // sin x = x (1 - x²/2·3 (1 - x²/4·5 (...))), cut where the next factor is below 1e-10 at 2 pi.
        var square = radians * radians;
        var sum = 1.0;
        for (var n = 32; n >= 2; n -= 2)
        {
            sum = 1.0 - (square / (n * (n + 1)) * sum);
        }

        return radians * sum;
    }

    /// <summary>Cosine, error below 1e-9.</summary>
    /// <param name="radians">In [-2 pi, 2 pi].</param>
    public static double Cos(double radians)
    {
        var square = radians * radians;
        var sum = 1.0;
        for (var n = 31; n >= 1; n -= 2)
        {
            sum = 1.0 - (square / (n * (n + 1)) * sum);
        }

        return sum;
    }

    /// <summary>The whole number of degrees whose direction is nearest to a vector, in [-180, 180).</summary>
    public static int WholeDegreesOf(double x, double y)
    {
        var (best, most) = (0, double.NegativeInfinity);
        for (var degrees = -180; degrees < 180; degrees++)
        {
            var radians = FromDegrees(degrees);
            var along = (x * Cos(radians)) + (y * Sin(radians));
            (best, most) = along > most ? (degrees, along) : (best, most);
        }

        return best;
    }
}
