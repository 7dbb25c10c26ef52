using System.Numerics;
using PhysIntuition.Rendering.Scenes;

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
