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
