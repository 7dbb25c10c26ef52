using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

public sealed class VisionTowerTests
{
    private const double Tolerance = 1e-4;   // the reference's bound for activations of this size

    [Theory]
    [InlineData(Reference.Qwen3, "one_image", "vision_image")]
    [InlineData(Reference.Qwen3, "video", "vision_video")]
    [InlineData(Reference.Qwen25, "one_image", "vision_image")]
    [InlineData(Reference.Qwen25, "video", "vision_video")]
    public void Forward_ReferencePixels_GivesReferenceTokens(string family, string name, string folder)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (pixels, grids) = reference.Pixels(name);

        var output = reference.Model.Vision.Forward(pixels, grids);

        Assert.InRange(
            Reference.Distance(output.Tokens, reference.Expected($"{name}/{folder}/merged")), 0, Tolerance);
        for (var level = 0; level < output.Deepstack.Count; level++)
        {
            var expected = reference.Expected($"{name}/{folder}/deepstack{level}");
            Assert.InRange(Reference.Distance(output.Deepstack[level], expected), 0, Tolerance);
        }

        Assert.Equal(
            reference.Model.Config.Vision.DeepstackVisualIndexes.Count, output.Deepstack.Count);
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Forward_ReferencePixels_GivesReferenceBlocks(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch("one_image");
        var seen = new List<Tensor>();
        reference.Model.Vision.BlockObserver = (_, output) => seen.Add(output);

        _ = reference.Model.Vision.Forward(batch.PixelValues!, batch.Grids);

        Assert.Equal(reference.Model.Config.Vision.Depth, seen.Count);
        for (var block = 0; block < seen.Count; block++)
        {
            var expected = reference.Expected($"one_image/intermediate/vision.block{block}");
            Assert.InRange(Reference.Distance(seen[block], expected), 0, Tolerance);
        }
    }

    [Fact]
    public void Positions_ReferenceGrid_AreInterpolatedAsInTheReference()
    {
        using var reference = Reference.Open(Reference.Qwen3);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch("one_image");
        var tower = reference.Model.Vision;

        var positions = tower.Positions(tower.Plan(batch.Grids));

        var expected = reference.Expected("one_image/vision_image/pos_embed_interpolated");
        Assert.InRange(Reference.Distance(positions, expected), 0, 1e-6);
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void Plan_ReferenceGrid_HasTheReferenceAngles(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var batch = reference.Batch("one_image");

        var rotary = reference.Model.Vision.Plan(batch.Grids).Rotary;

        var plan = reference.Model.Vision.Plan(batch.Grids);
        var angles = reference.Expected("one_image/vision_image/rope_angles");
        if (plan.Order is { } order)
        {
            var area = reference.Model.Config.Vision.MergeArea;
            angles = angles.view(-1, area, angles.size(1)).index_select(0, order).view(-1, angles.size(1));
        }

        Assert.InRange(Reference.Distance(rotary.Cos.squeeze(1), angles.cos()), 0, 1e-6);
        Assert.InRange(Reference.Distance(rotary.Sin.squeeze(1), angles.sin()), 0, 1e-6);
    }

    [Fact]
    public void Forward_TwoPicturesAtOnce_GivesTheSameTokensAsOneByOne()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        PatchGrid small = new(1, 2, 4), large = new(1, 4, 6);
        var first = Tiny.Pixels(model, small, seed: 1);
        var second = Tiny.Pixels(model, large, seed: 2);

        var together = model.Vision.Forward(cat([first, second]), [small, large]);

        var apart = cat([model.Vision.Forward(first, [small]).Tokens, model.Vision.Forward(second, [large]).Tokens]);
        Assert.InRange(Reference.Distance(together.Tokens, apart), 0, 1e-5);
    }

    [Fact]
    public void Forward_PixelsOfAnotherGrid_SaysWhichShapeIsNeeded()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();

        var error = Assert.Throws<ArgumentException>(
            () => model.Vision.Forward(zeros([7, model.Config.Vision.PatchWidth]), [new(1, 2, 4)]));

        Assert.Contains($"[8, {model.Config.Vision.PatchWidth}]", error.Message, StringComparison.Ordinal);
    }
}
