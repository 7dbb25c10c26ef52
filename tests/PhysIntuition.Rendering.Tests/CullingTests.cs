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
}
