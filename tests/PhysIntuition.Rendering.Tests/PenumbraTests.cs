using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>The soft edge of a shadow, seen from straight above, against the sun's disc and the edge that hides
/// it.</summary>
public sealed class PenumbraTests
{
    private const int Width = 256, Height = 101;
    private const float Half = 0.5f;      // m, of the block along x; its far top edge throws the shadow's edge
    private const float View = 0.012f;    // m a pixel

    // The sun's height in degrees, the tangent of its radius, the block's height in m.
    public static TheoryData<double, float, float> Suns => new()
    {
        { 45, 0.10f, 1f }, { 60, 0.10f, 1f }, { 45, 0.20f, 1f }, { 45, 0.10f, 2f }, { 70, 0.25f, 1.5f },
    };

    [Theory]
    [MemberData(nameof(Suns))]
    public void Draw_PenumbrasMiddle_LooksAsGroundUnderHalfTheSun(double above, float radius, float height)
    {
        var edge = new ShadowEdge(above, radius, height);

        Assert.InRange(edge.Row(hasBlock: true)[Width / 2] - edge.Row(hasBlock: false, 0.5)[Width / 2], -8, 8);
    }

    [Theory]
    [MemberData(nameof(Suns))]
    public void Draw_OutsideThePenumbra_IsFullSunOrNone(double above, float radius, float height)
    {
        var edge = new ShadowEdge(above, radius, height);
        var (shaded, lit, dark) = (edge.Row(true), edge.Row(false), edge.Row(false, 0));
        var (inSun, inShadow) = (0, 0);
        for (var x = 0; x < Width; x++)
        {
            switch (edge.WayAt(x))
            {
                case > 1.25:
                    Assert.InRange(shaded[x] - lit[x], -1, 0);
                    inSun++;
                    break;
                case < -1.15 when edge.IsGround(x):
                    Assert.Equal(dark[x], shaded[x]);
                    inShadow++;
                    break;
            }
        }

        Assert.True(inSun > 5 && inShadow > 2, $"{inSun} and {inShadow} pixels");
    }

    [Theory]
    [MemberData(nameof(Suns))]
    public void Draw_AcrossThePenumbra_ShowsThePartOfTheDiscThatTheEdgeLeaves(double above, float radius, float height)
    {
        const double slack = 0.12;   // of the sun: a smooth step is drawn in place of the disc's segment
        var edge = new ShadowEdge(above, radius, height);
        var shaded = edge.Row(true);
        foreach (var way in (double[])[-0.5, -0.25, 0.25, 0.5])
        {
            // The segment of a unit disc beyond a chord at that distance from its middle.
            var free = 0.5 + (((way * Math.Sqrt(1 - (way * way))) + Math.Asin(way)) / Math.PI);
            var at = edge.PixelAt(way);

            Assert.InRange(shaded[at], edge.Row(false, free - slack)[at], edge.Row(false, free + slack)[at]);
        }
    }

    // The top edge of a block, the sun behind it.
    private readonly record struct ShadowEdge(double Above, float Radius, float Top)
    {
        private double Sine => Math.Sin(Above * Math.PI / 180);

        private double Cosine => Math.Cos(Above * Math.PI / 180);

        // Where half of the sun is hidden, m: the beam that descends by the sun's height passes at the edge.
        private double Middle => Half + (Top * Cosine / Sine);

        // From there to where it is seen whole, m: the beam that descends by a radius more or less.
        private double Reach => Radius * Top / (Sine * Sine);

        // A place in reaches from the middle, by pixel, and back.
        public double WayAt(int pixel) => (pixel + 0.5 - (Width / 2.0)) * View / Reach;

        // Whether it lies beyond the block, whose side is seen next to it.
        public bool IsGround(int pixel) => Middle + (WayAt(pixel) * Reach) > Half + View;

        public int PixelAt(double way) => (int)((Width / 2.0) + (way * Reach / View));

        // Red of the middle row of ground, on which no sky shines.
        public int[] Row(bool hasBlock, double strength = 1)
        {
            const float eye = 12f;
            var scene = new Scene
            {
                Ground = Ground.Plain, TileSize = 1f,
                Camera = new()
                {
                    Eye = new((float)Middle, eye, 0f), Target = new((float)Middle, 0f, 0f),
                    FieldOfView = 2 * MathF.Atan(View * Height / (2 * eye)),
                },
                Light = new()
                {
                    SunDirection = new((float)-Cosine, (float)Sine, 0f), SunRadius = Radius,
                    SunColor = new((float)strength), SkyColor = default,
                },
            };
            if (hasBlock)
            {
                scene.Blocks.Add(new() { Position = new(0f, Top / 2, 0f), HalfExtents = new(Half, Top / 2, 20f) });
            }

            var rgb = Given.DrawRgb(scene, Width, Height);

            return [.. Enumerable.Range(Height / 2 * Width, Width).Select(i => (int)rgb[3 * i])];
        }
    }
}
