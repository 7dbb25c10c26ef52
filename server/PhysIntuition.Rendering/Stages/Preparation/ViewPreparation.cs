namespace PhysIntuition.Rendering.Stages.Preparation;

/// <summary>Turns a camera into rays that are linear over the picture.</summary>
internal static unsafe class ViewPreparation
{
    private const float Sixteenth = 1f / 16f;

    /// <summary>Fills the view; lengths are divided by the scene's unit.</summary>
    public static void Run(in Camera camera, in FrameFormat format, float perUnit, ViewRecord* view)
    {
        var eye = Triple.Scaled(ToTriple(camera.Eye), perUnit);
        var forward = Triple.Unit(Triple.Difference(ToTriple(camera.Target), ToTriple(camera.Eye)));
        var right = Triple.Of(-forward.Z, 0f, forward.X);
        // Straight down there is no horizontal direction to keep level; then the picture's top is -z.
        right = Triple.Dot(right, right) < 1e-8f ? Triple.Of(1f, 0f, 0f) : Triple.Unit(right);
        var pixel = 2f * ExactTrigonometry.Tangent(camera.FieldOfView * 0.5f) / format.Height;

        view->Eye = eye;
        view->Forward = forward;
        view->Right = right;
        view->Up = Triple.Cross(right, forward);
        view->Pixel = pixel;
        view->PerPixel = 1f / pixel;
        view->MiddleX = format.Width * 0.5f;
        view->MiddleY = format.Height * 0.5f;
        view->RayX = Triple.Scaled(right, pixel);
        view->RayY = Triple.Scaled(view->Up, -pixel);
        view->Ray = Triple.Along(
            Triple.Along(forward, view->RayX, -view->MiddleX), view->RayY, -view->MiddleY);
        PlaceSamples(view, format.Samples);
    }

    /// <summary>The most that a linear quantity changes between a pixel's centre and its samples.</summary>
    public static float Slack(ViewRecord* view, Linear line)
    {
        var slack = 0f;
        for (var i = 0; i < view->Samples; i++)
        {
            var change = MathF.Abs((line.X * view->SampleX[i]) + (line.Y * view->SampleY[i]));
            slack = change > slack ? change : slack;
        }

        return slack;
    }

    private static Triple ToTriple(System.Numerics.Vector3 v) => Triple.Of(v.X, v.Y, v.Z);

    // Rotated grids: no two samples share a row or a column, so that level and plumb edges get every shade.
    private static void PlaceSamples(ViewRecord* view, int samples)
    {
        ReadOnlySpan<sbyte> x4 = [2, 6, -2, -6], y4 = [6, -2, -6, 2];
        ReadOnlySpan<sbyte> x8 = [1, -1, 5, -3, -5, -7, 3, 7], y8 = [-3, 3, 1, -5, 5, -1, 7, -7];
        view->Samples = samples;
        for (var i = 0; i < 8; i++)
        {
            var isUsed = samples > 1 && i < samples;
            view->SampleX[i] = isUsed ? (samples == 4 ? x4[i] : x8[i]) * Sixteenth : 0f;
            view->SampleY[i] = isUsed ? (samples == 4 ? y4[i] : y8[i]) * Sixteenth : 0f;
        }
    }
}
