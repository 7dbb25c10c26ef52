using System.Numerics;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Tiles skip blocks only where those change nothing.</summary>
public sealed class CullingTests
{
    public static TheoryData<ulong, Ground, Look> Cases
    {
        get
        {
            var cases = new TheoryData<ulong, Ground, Look>();
            foreach (var ground in Enum.GetValues<Ground>())
            {
                cases.Add((ulong)ground + 1, ground, Look.Studio);
                cases.Add((ulong)ground + 11, ground, Look.Photo);
                cases.Add((ulong)ground + 21, ground, Look.Cubeworld);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_WithCulling_GivesTheBytesOfNone(ulong seed, Ground ground, Look look)
    {
        Scene[] scenes = [Given.Clutter(seed, 8, ground, look), Given.Clutter(seed + 100, 5, ground, look)];
        var camera = scenes[1].Camera;
        scenes[1].Camera = camera with { Target = camera.Target + new Vector3(0.3f, 0.5f, 0f) };
        scenes[1].Light = scenes[1].Light with { SunDirection = new(0.6f, 0.64f, 0.48f), SunRadius = 0.25f };
        var format = new FrameFormat(160, 144, Given.AllChannels);

        var culled = Given.Draw(new CpuRenderer(), format, scenes);
        var whole = Given.Draw(new CpuRenderer { Culls = false }, format, scenes);

        Assert.Equal(whole, culled);
    }

    [Fact]
    public void Draw_ManyScenesUnderAnySun_GiveTheBytesOfNoCulling()
    {
        var scenes = Enumerable.Range(0, 150).Select(UnderItsOwnSun).ToArray();
        var format = new FrameFormat(64, 48);

        var culled = Given.Draw(new CpuRenderer(), format, scenes);
        var whole = Given.Draw(new CpuRenderer { Culls = false }, format, scenes);

        Assert.Equal(whole, culled);
    }

    [Fact]
    public void Draw_OddViewsOfOddScenes_GiveTheBytesOfNoCullingAtEveryWidth()
    {
        var random = new RandomStream(3);
        for (var i = 0; i < 300; i++)
        {
            var scene = Odd(ref random);
            var format = new FrameFormat(
                random.NextInt(16, 80), random.NextInt(16, 80), Given.AllChannels, i % 3 == 0 ? 1 : i % 3 * 4);

            var culled = Given.Draw(new CpuRenderer(threads: 1), format, scene);

            CpuRenderer[] others = [new() { Culls = false }, new(LaneWidth.One, 1)];
            Assert.All(others, other => Assert.True(
                culled.SequenceEqual(Given.Draw(other, format, scene)), $"scene {i}"));
        }
    }

    [Theory]
    [InlineData(Ground.Tiles, 1)]
    [InlineData(Ground.Planks, 1)]
    [InlineData(Ground.Backdrop, 1)]
    [InlineData(Ground.Tiles, 3)]
    public void Draw_StillCamera_GivesTheBytesOfScenesAlone(Ground ground, int threads)
    {
        var format = new FrameFormat(100, 76);
        var scenes = Enumerable.Range(0, 24).Select(i => OfAStillCamera(i, ground)).ToArray();

        var kept = Draw(new CpuRenderer(threads: threads), format, scenes);
        var alone = Draw(new CpuRenderer { KeepsGround = false }, format, scenes);

        Assert.Equal(alone, kept);
    }

    // Blocks move in every scene; now and then a zone, a label or the camera changes, and comes back.
    private static Scene OfAStillCamera(int i, Ground ground)
    {
        var scene = Given.Clutter((ulong)i, 3 + (i % 4), ground);
        scene.TileSize = 0.4f;
        scene.Camera = Given.OneCube().Camera;
        scene.Light = Given.OneCube().Light;
        if (i % 8 > 4)
        {
            scene.Overlays.Add(new(OverlayKind.Zone, new(0.5f, 0f, 0.3f * (i / 8)), default, 0.3f, new(1f, 0f, 0f)));
        }

        if (i % 5 == 3)
        {
            scene.Overlays.Add(new(OverlayKind.Label, new(-0.6f, 0.3f, 0f), default, 0.2f, new(1f, 1f, 0f), "A"));
        }

        if (i is > 10 and < 15)
        {
            scene.Camera = scene.Camera with { FieldOfView = 0.9f };
        }

        return scene;
    }

    private static byte[] Draw(CpuRenderer renderer, FrameFormat format, Scene[] scenes)
    {
        var rgb = new byte[scenes.Length * format.BytesOf(Channels.Rgb)];
        renderer.Draw(scenes, format, new() { Rgb = rgb });
        return rgb;
    }

    // Eyes close to the ground with the horizon in the picture, hundreds of units away and over a table's edge, blocks
    // that float, lean and cut one another, suns of every width and height.
    private static Scene Odd(ref RandomStream random)
    {
        var scene = new Scene { Ground = (Ground)random.NextInt(0, 6), Look = (Look)random.NextInt(0, 4) };
        var isFar = random.NextInt(0, 4) == 0;
        scene.TileSize = isFar ? 0.05f : 0f;
        for (var count = random.NextInt(1, 12); count > 0; count--)
        {
            scene.Blocks.Add(new()
            {
                Position = Anywhere(ref random, 1.2f) + new Vector3(0f, 0.8f, 0f),
                HalfExtents = new(
                    random.NextFloat(0.03f, 0.5f), random.NextFloat(0.03f, 0.5f), random.NextFloat(0.03f, 0.5f)),
                Orientation = Quaternion.Normalize(
                    new(Anywhere(ref random, count % 2), random.NextFloat(0.2f, 1f))),
                Material = (Material)random.NextInt(0, 6),
            });
        }

        var eye = Anywhere(ref random, isFar ? 20f : 5f);
        eye.Y = MathF.Max(MathF.Abs(eye.Y) * (random.NextInt(0, 3) == 0 ? 0.05f : 1f), 0.01f);
        var target = Anywhere(ref random, 1f) + new Vector3(0f, 0.5f, 0f);
        scene.Camera = new() { Eye = eye, Target = target, FieldOfView = random.NextFloat(0.2f, 1.6f) };
        scene.Light = new()
        {
            SunDirection = Vector3.Normalize(Anywhere(ref random, 0.5f) with { Y = random.NextFloat(0.25f, 1f) }),
            SunRadius = random.NextInt(0, 2) == 0 ? 0.07f : random.NextFloat(0f, 0.3f),
        };
        return scene;
    }

    private static Vector3 Anywhere(ref RandomStream random, float most) =>
        new(random.NextFloat(-most, most), random.NextFloat(-most, most), random.NextFloat(-most, most));

    // Two to thirteen blocks; the sun stands between 17 and 90 degrees high and is up to a third of a radian wide.
    private static Scene UnderItsOwnSun(int i)
    {
        var scene = Given.Clutter(1000ul + (ulong)i, 2 + (i % 12), (Ground)(i % 6));
        var (turn, rise) = (i * 2.4f, 0.3f + (i % 7 * 0.2f));
        scene.Light = scene.Light with
        {
            SunDirection = Vector3.Normalize(new(
                MathF.Cos(turn) * MathF.Cos(rise), MathF.Sin(rise), MathF.Sin(turn) * MathF.Cos(rise))),
            SunRadius = i % 4 * 0.1f,
        };
        return scene;
    }
}
