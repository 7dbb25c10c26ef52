using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>The one-lane instance defines the bytes; every width and thread count gives the same.</summary>
public sealed class LaneWidthTests
{
    public static TheoryData<LaneWidth, int, int, Ground, Look> Cases
    {
        get
        {
            var cases = new TheoryData<LaneWidth, int, int, Ground, Look>();
            (int Width, int Height)[] sizes = [(64, 64), (77, 53), (16, 31)];
            var turn = 0;
            foreach (var ground in Enum.GetValues<Ground>())
            {
                foreach (var look in Enum.GetValues<Look>())
                {
                    var (width, height) = sizes[turn++ % sizes.Length];
                    cases.Add(LaneWidth.Eight, width, height, ground, look);
                    cases.Add(LaneWidth.Sixteen, width, height, ground, look);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_WideLanes_GiveTheBytesOfOneLane(LaneWidth lanes, int width, int height, Ground ground, Look look)
    {
        var samples = width == 64 ? 8 : width == 77 ? 4 : 1;
        var format = new FrameFormat(width, height, Given.AllChannels, samples);
        Scene[] scenes =
            [Given.Clutter(1 + (ulong)ground, 7, ground, look), Given.Clutter(40 + (ulong)look, 12, ground, look)];

        var scalar = Given.Draw(new CpuRenderer(LaneWidth.One, threads: 1), format, scenes);
        var wide = Given.Draw(new CpuRenderer(lanes, threads: 1), format, scenes);

        Assert.Equal(scalar, wide);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Draw_ColorAlone_GivesTheBytesThatItHasBesideOtherChannels(
        LaneWidth lanes, int width, int height, Ground ground, Look look)
    {
        var samples = width == 64 ? 8 : width == 77 ? 4 : 1;
        var scene = Given.Clutter(70 + (ulong)ground, 6, ground, look);
        if (look == Look.Cubeworld)
        {
            scene.Overlays.Add(new(OverlayKind.Label, new(0.1f, 0.3f, 0f), default, 0.2f, new(1f, 1f, 0f), "A"));
        }
        else if (look == Look.Photo)
        {
            scene.Overlays.Add(new(OverlayKind.Zone, new(0.3f, 0f, 0.2f), default, 0.3f, new(1f, 0f, 0f)));
        }

        // Other channels than colour keep floor that is seen alone from its shorter way.
        var beside = new byte[width * height * 3];
        new CpuRenderer(LaneWidth.One, threads: 1).Draw(
            [scene], new(width, height, Channels.Rgb | Channels.Segmentation, samples),
            new() { Rgb = beside, Segmentation = new byte[width * height] });
        var alone = new byte[width * height * 3];
        new CpuRenderer(lanes, threads: 1).Draw(
            [scene], new(width, height, Channels.Rgb, samples), new() { Rgb = alone });

        Assert.Equal(beside, alone);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Draw_ManyThreads_GivesTheBytesOfOne(int threads)
    {
        var format = new FrameFormat(48, 40, Given.AllChannels);
        var scenes = Enumerable.Range(0, 21).Select(i => Given.Clutter((ulong)i, 5 + (i % 4))).ToArray();

        var one = Given.Draw(new CpuRenderer(threads: 1), format, scenes);
        var many = Given.Draw(new CpuRenderer(threads: threads), format, scenes);

        Assert.Equal(one, many);
    }
}
