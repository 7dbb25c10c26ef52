using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Orders of patches and windows, segments and angles, counted by hand.</summary>
public sealed class VisionPlanTests
{
    [Fact]
    public void Patches_OfAFrame_GoSquareBySquare()
    {
        var (rows, columns) = PatchOrder.Of(new PatchGrid(1, 2, 4), merge: 2);

        Assert.Equal([0, 0, 1, 1, 0, 0, 1, 1], rows);
        Assert.Equal([0, 1, 0, 1, 2, 3, 2, 3], columns);
    }

    [Theory]
    [InlineData(6, 10, 2)]
    [InlineData(4, 4, 4)]
    [InlineData(6, 9, 3)]
    public void Patches_OfAnyFrame_AreEachTakenOnceAndSquaresStayTogether(int height, int width, int merge)
    {
        var (rows, columns) = PatchOrder.Of(new PatchGrid(1, height, width), merge);

        Assert.Equal(height * width, rows.Zip(columns).Distinct().Count());
        foreach (var square in Enumerable.Range(0, rows.Length).Chunk(merge * merge))
        {
            Assert.Single(square.Select(patch => (rows[patch] / merge, columns[patch] / merge)).Distinct());
        }
    }

    [Fact]
    public void Join_NeighboursOfOneLength_BecomeOneSegment() => Assert.Equal(
        [new Segment(0, 2, 4), new Segment(8, 1, 6), new Segment(14, 3, 4)], Segment.Join([4, 4, 6, 4, 4, 4]));

    [Fact]
    public void Windows_OfAFrameThatTheyDoNotDivide_AreCutOffAtItsEdges()
    {
        // Windows of 16 pixels, patches of 4, squares of 2: 2 x 2 cells a window. 3 x 5 cells make 2 x 3 windows.
        var order = WindowOrder.Of([new PatchGrid(1, 6, 10)], Tiny.Config(VlmFamily.Qwen25Vl).Vision);

        Assert.Equal([0, 1, 5, 6, 2, 3, 7, 8, 4, 9, 10, 11, 12, 13, 14], order.Cells);
        Assert.Equal([16, 16, 8, 8, 8, 4], order.Lengths);
    }

    [Fact]
    public void Windows_OfSeveralPicturesAndFrames_NeverMixThemAndTheInverseLeadsBack()
    {
        PatchGrid[] grids = [new(2, 4, 4), new(1, 6, 2)];
        var order = WindowOrder.Of(grids, Tiny.Config(VlmFamily.Qwen25Vl).Vision);
        var inverse = order.Inverse();

        Assert.Equal(Enumerable.Range(0, 11), order.Cells.Order());
        Assert.Equal(Enumerable.Range(0, 11), order.Cells.Select(cell => inverse[cell]));
        int[] frameOf = [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2];
        var place = 0;
        foreach (var length in order.Lengths)
        {
            var cells = order.Cells.AsSpan(place, length / 4).ToArray();
            Assert.Single(cells.Select(cell => frameOf[cell]).Distinct());
            place += cells.Length;
        }
    }

    [Fact]
    public void Angles_OfAPatch_AreItsRowThenItsColumnTimesTheFrequencies()
    {
        NativeTorch.Require();
        using var scope = NewDisposeScope();
        var config = Tiny.Config(VlmFamily.Qwen3Vl).Vision;   // heads of 8: two frequencies, 1 and 10000^-1/2
        using var plan = new VisionPlan([new PatchGrid(1, 2, 4)], config, positions: null, CPU);
        var (rows, columns) = PatchOrder.Of(new PatchGrid(1, 2, 4), 2);

        Assert.Equal([8L, 1L, 4L], plan.Rotary.Sin.shape);
        for (var patch = 0; patch < 8; patch++)
        {
            double[] angles = [rows[patch], rows[patch] * 0.01, columns[patch], columns[patch] * 0.01];
            for (var k = 0; k < 4; k++)
            {
                Assert.Equal(Math.Sin(angles[k]), plan.Rotary.Sin[patch, 0, k].item<float>(), 1e-6);
                Assert.Equal(Math.Cos(angles[k]), plan.Rotary.Cos[patch, 0, k].item<float>(), 1e-6);
            }
        }
    }

    [Fact]
    public void Frames_OfAVideoAndAPicture_AreSegmentsOfTheirOwn()
    {
        NativeTorch.Require();
        using var plan = new VisionPlan(
            [new PatchGrid(3, 2, 2), new PatchGrid(1, 4, 4)], Tiny.Config(VlmFamily.Qwen3Vl).Vision, null, CPU);

        Assert.Equal([new Segment(0, 3, 4), new Segment(12, 1, 16)], plan.Frames);
        Assert.Null(plan.Windows);
    }
}
