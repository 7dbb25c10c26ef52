using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Gpu;

/// <summary>The kernels that ILGPU compiles give the processor's bytes: here their PTX, in the stand-in.</summary>
public sealed class CudaRendererTests
{
    public static TheoryData<int, int, int, Ground, Look> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, int, Ground, Look>();
            (int Width, int Height, int Samples)[] formats = [(64, 64, 8), (77, 53, 4), (16, 31, 1)];
            var turn = 0;
            foreach (var ground in Enum.GetValues<Ground>())
            {
                foreach (var look in Enum.GetValues<Look>())
                {
                    var (width, height, samples) = formats[turn++ % formats.Length];
                    cases.Add(width, height, samples, ground, look);
                }
            }

            return cases;
        }
    }

    public static TheoryData<string> Pictures => [.. Gallery.Pictures.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_AllChannels_GivesTheBytesOfTheProcessor(
        int width, int height, int samples, Ground ground, Look look)
    {
        var format = new FrameFormat(width, height, Given.AllChannels, samples);
        Scene[] scenes =
            [Given.Clutter(1 + (ulong)ground, 7, ground, look), Given.Clutter(40 + (ulong)look, 12, ground, look)];

        AssertSame(format, scenes);
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void Draw_GoldenScene_GivesTheBytesOfTheProcessor(string name) =>
        AssertSame(new(128, 96, Given.AllChannels, 8), Gallery.Pictures[name]());

    [Theory]
    [InlineData(16, 16)]
    [InlineData(224, 224)]
    [InlineData(1024, 1024)]
    [InlineData(1023, 17)]
    public void Draw_OtherSizes_GivesTheBytesOfTheProcessor(int width, int height) =>
        AssertSame(new(width, height, Given.AllChannels), Given.Clutter(7, 9));

    [Theory]
    [InlineData(Channels.Rgb)]
    [InlineData(Channels.Depth)]
    [InlineData(Channels.Segmentation)]
    [InlineData(Channels.Normals | Channels.Albedo)]
    public void Draw_SomeChannels_LeavesTheOthersAlone(Channels channels) =>
        AssertSame(new(48, 40, channels), Given.Clutter(3, 6), Given.Clutter(4, 1), new Scene());

    [Fact]
    public void Draw_SixtyFourBlocksAndOverlays_GivesTheBytesOfTheProcessor()
    {
        var scene = Given.Clutter(11, Scene.MaxBlocks);
        foreach (var block in scene.Blocks)
        {
            var kind = (OverlayKind)(scene.Overlays.Count % 3);
            scene.Overlays.Add(new(kind, block.Position, new(0f, 0.1f, 0f), 0.2f, new(1f, 0.8f, 0f), "Ab7"));
        }

        AssertSame(new(96, 96, Given.AllChannels), scene, Given.OneCube());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Draw_LabelBehindSomeZones_GivesTheBytesOfTheProcessor(int zones)
    {
        // Overlay records lie behind the zones' and have 64-bit numbers: a device refuses them at odd addresses.
        var scene = Given.OneCube();
        for (var i = 0; i < zones; i++)
        {
            scene.Overlays.Add(new(OverlayKind.Zone, new(0.1f * i, 0f, 0f), default, 0.2f, new(1f, 0f, 0f)));
        }

        scene.Overlays.Add(new(OverlayKind.Label, new(0f, 0.2f, 0f), default, 0.2f, new(1f, 1f, 1f), "Ab"));

        AssertSame(new(64, 64), scene);
    }

    private static void AssertSame(FrameFormat format, params Scene[] scenes) => Assert.Equal(
        Given.Draw(new CpuRenderer(), format, scenes), Given.Draw(CudaStandIn.Renderer, format, scenes));
}
