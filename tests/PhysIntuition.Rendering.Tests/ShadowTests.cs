using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>A cube's shadow on plain ground against the projection of the cube along the sun's rays.</summary>
public sealed class ShadowTests
{
    private const int Side = 128;
    private const float Half = 0.5f;

    public static TheoryData<float, float> Suns => new()
    {
        // Degrees: around from the viewer's right, and above the horizon.
        { 0f, 45f }, { 60f, 35f }, { 135f, 50f }, { 180f, 30f }, { 250f, 60f }, { 300f, 40f },
    };

    [Theory]
    [MemberData(nameof(Suns))]
    public void Draw_GroundInTheShadowOfACube_IsDarkerThanWithoutItAndElsewhereAlike(float around, float above)
    {
        var (lit, shaded) = (Scene(around, above, hasCube: false), Scene(around, above, hasCube: true));
        var (before, after) = (Frames.Of(lit, Side, Side), Frames.Of(shaded, Side, Side));
        var (inside, outside) = (0, 0);
        for (var i = 0; i < Side * Side; i++)
        {
            if (!IsGroundAround(after, i))
            {
                continue;
            }

            var place = Ground(shaded, i);
            var share = Brightness(after, i) / Brightness(before, i);
            switch (Depth(place, shaded.Light.SunDirection))
            {
                case > 0.12f:
                    inside++;
                    Assert.True(share < 0.8, $"{share} in the shadow at {place}");
                    break;
                case < -0.12f when Distance(place) > 1.2f:
                    outside++;
                    Assert.InRange(share, 0.9, 1.05);   // the cube takes sky away and gives light back
                    break;
            }
        }

        Assert.True(inside > 30 && outside > 1000, $"{inside} and {outside} pixels");
    }

    [Theory]
    [MemberData(nameof(Suns))]
    public void Draw_LowerSun_MakesALongerShadow(float around, float above)
    {
        int Area(float height)
        {
            var (before, after) = (Frames.Of(Scene(around, height, false), Side, Side),
                Frames.Of(Scene(around, height, true), Side, Side));
            return Enumerable.Range(0, Side * Side).Count(i =>
                after.Segmentation[i] == 0 && Brightness(after, i) < 0.8 * Brightness(before, i));
        }

        // Part of it may lie behind the cube, so only towards the viewer and the sides is it surely larger.
        Assert.True(Area(above - 12) > Area(above + 12), $"{Area(above - 12)} and {Area(above + 12)}");
    }

    [Fact]
    public void Draw_StrongerSunOrSky_IsBrighter()
    {
        double Mean(float sun, float sky)
        {
            var scene = Scene(60, 40, hasCube: true);
            scene.Light = scene.Light with
            {
                SunColor = scene.Light.SunColor * sun, SkyColor = scene.Light.SkyColor * sky,
            };
            return Frames.Of(scene, Side, Side).Rgb.Average(value => (double)value);
        }

        Assert.True(Mean(1, 1) > Mean(0.5f, 1) && Mean(0.5f, 1) > Mean(0, 1));
        Assert.True(Mean(1, 1) > Mean(1, 0.5f));
    }

    [Fact]
    public void Draw_FacesOfACube_AreBrightestTowardsTheSun()
    {
        // The sun at the viewer's right: the top and the right face see it, the left one does not.
        var scene = Scene(around: 20, above: 40, hasCube: true);
        scene.Camera = scene.Camera with { Eye = new(0.1f, 2.5f, 5f) };
        double FaceTo(float yaw)
        {
            scene.Blocks[0] = scene.Blocks[0] with { Orientation = Given.Turn(Vector3.UnitY, yaw) };
            var seen = Frames.Of(scene, Side, Side);
            return Enumerable.Range(0, Side * Side).Where(i => seen.Segmentation[i] == 1
                && seen.Normals[(3 * i) + 1] < 0.5f && seen.Normals[3 * i] > 0.5f).Average(i => Brightness(seen, i));
        }

        double Left(float yaw)
        {
            var seen = Frames.Of(scene, Side, Side);
            _ = yaw;
            return Enumerable.Range(0, Side * Side).Where(i => seen.Segmentation[i] == 1
                && seen.Normals[(3 * i) + 1] < 0.5f && seen.Normals[3 * i] < -0.5f).Average(i => Brightness(seen, i));
        }

        const float quarter = MathF.PI / 4;   // two faces in sight
        Assert.True(FaceTo(quarter) > 1.3 * Left(quarter));
    }

    private static Scene Scene(float around, float above, bool hasCube)
    {
        var (turn, height) = (around * MathF.PI / 180, above * MathF.PI / 180);
        var level = MathF.Cos(height);
        var sun = new Vector3(MathF.Cos(turn) * level, MathF.Sin(height), MathF.Sin(turn) * level);
        var scene = new Scene
        {
            Ground = Rendering.Scenes.Ground.Plain,
            TileSize = 1f,   // else it goes with the blocks
            Camera = new() { Eye = new(0, 6, 6), Target = new(0, 0, 0), FieldOfView = 0.9f },
            Light = new() { SunDirection = sun, SunRadius = 0.01f },
        };
        if (hasCube)
        {
            scene.Blocks.Add(new()
            {
                Position = new(0, Half, 0), HalfExtents = new(Half), Material = Material.Flat, Color = new(0.6f),
            });
        }

        return scene;
    }

    // How deep a place lies in the shadow, m; below 0 how far outside. In shadow: some height's slice of the cube,
    // moved against the sun, covers it.
    private static float Depth(Vector3 place, Vector3 sun)
    {
        var deepest = float.NegativeInfinity;
        for (var k = 0; k <= 100; k++)
        {
            var moved = place + (sun * (2 * Half * k / 100f / sun.Y));
            deepest = MathF.Max(deepest, Half - MathF.Max(MathF.Abs(moved.X), MathF.Abs(moved.Z)));
        }

        return deepest;
    }

    // Pixels at an outline show some of both sides.
    private static bool IsGroundAround(Frames frames, int pixel)
    {
        var (x, y) = (pixel % Side, pixel / Side);

        return x is > 0 and < Side - 1 && y is > 0 and < Side - 1 && Enumerable.Range(0, 9).All(k =>
            frames.Segmentation[((y - 1 + (k / 3)) * Side) + x - 1 + (k % 3)] == 0);
    }

    private static float Distance(Vector3 place) => MathF.Max(MathF.Abs(place.X), MathF.Abs(place.Z));

    private static Vector3 Ground(Scene scene, int pixel)
    {
        var (eye, target) = (scene.Camera.Eye, scene.Camera.Target);
        var forward = Vector3.Normalize(target - eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));
        var up = Vector3.Cross(right, forward);
        var size = 2 * MathF.Tan(scene.Camera.FieldOfView / 2) / Side;
        var ray = forward + (right * (((pixel % Side) + 0.5f - (Side / 2f)) * size))
            + (up * (((Side / 2f) - (pixel / Side) - 0.5f) * size));

        return eye + (ray * (-eye.Y / ray.Y));
    }

    // Linear light, of the sum of the channels.
    private static double Brightness(Frames frames, int pixel) => Enumerable.Range(3 * pixel, 3)
        .Sum(i => SrgbTable.Linear[frames.Rgb[i]]) + 1e-6;
}
