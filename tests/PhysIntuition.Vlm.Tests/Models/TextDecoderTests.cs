using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What holds of the decoder whatever its weights are.</summary>
public sealed class TextDecoderTests
{
    private static readonly PatchGrid s_grid = new(1, 2, 4);

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Logits_OfATokenThatChanges_ChangeNothingBeforeIt(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var sequence = Tiny.Sequence(s_grid, before: 3, after: 5);
        var other = sequence with { TokenIds = [.. sequence.TokenIds.Take(7), 44, .. sequence.TokenIds.Skip(8)] };

        var (first, second) = (Logits(model, sequence), Logits(model, other));

        Assert.Equal(0, (first.narrow(1, 0, 7) - second.narrow(1, 0, 7)).abs().max().item<float>());
        Assert.True((first.narrow(1, 7, 1) - second.narrow(1, 7, 1)).abs().max().item<float>() > 1e-3);
        Assert.True((first.narrow(1, 9, 1) - second.narrow(1, 9, 1)).abs().max().item<float>() > 1e-5);
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Logits_OfAPictureThatChanges_ChangeBehindItAlone(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var sequence = Tiny.Sequence(s_grid, before: 3, after: 5);

        var (first, second) = (Logits(model, sequence, seed: 1), Logits(model, sequence, seed: 2));

        Assert.Equal(0, (first.narrow(1, 0, 3) - second.narrow(1, 0, 3)).abs().max().item<float>());
        Assert.True((first.narrow(1, 5, 5) - second.narrow(1, 5, 5)).abs().min().item<float>() > 0);
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Logits_OfTheLastTokenAlone_AreTheSame(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = Tiny.Batch(model);   // padded on the left: the last tokens stand in one column

        var all = model.Logits(batch);
        var states = model.Decoder.Config;
        var positions = batch.PositionIds;
        var embedded = model.Decoder.Embedding.Forward(batch.InputIds);
        var mask = AttentionMasks.Causal(batch.AttentionMask, embedded.dtype);
        var whole = model.Decoder.Forward(embedded, positions, mask);
        var last = model.Decoder.Forward(embedded, positions, mask, isLastOnly: true);

        Assert.Equal([2L, batch.Length, states.VocabSize], all.shape);
        Assert.Equal([2L, 1L, states.HiddenSize], last.shape);
        Assert.InRange(Reference.Distance(last, whole.narrow(1, batch.Length - 1, 1)), 0, 2e-6);
    }

    [Fact]
    public void Forward_ThroughACacheStepByStep_IsTheWholeRun()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var tokens = tensor([3L, 9, 27, 4, 12, 36, 31], [1, 7]);
        var positions = arange(0, 7, ScalarType.Int64).view(1, 1, 7).expand(3, 1, 7);
        var x = model.Decoder.Embedding.Forward(tokens);
        var whole = model.Decoder.Forward(x, positions);

        using var cache = new KvCache(model.Config.Text.NumHiddenLayers, null, completions: 1, capacity: 3);
        var prompt = model.Decoder.Forward(x.narrow(1, 0, 4), positions.narrow(2, 0, 4), cache: cache);
        Assert.InRange(Reference.Distance(prompt, whole.narrow(1, 0, 4)), 0, 2e-6);
        for (var at = 4; at < 7; at++)
        {
            var step = model.Decoder.Forward(x.narrow(1, at, 1), positions.narrow(2, at, 1), cache: cache);
            Assert.InRange(Reference.Distance(step, whole.narrow(1, at, 1)), 0, 2e-6);
            Assert.Equal(at - 3, cache.Length);
        }
    }

    private static Tensor Logits(VisionLanguageModel model, VlmSequence sequence, long seed = 1)
    {
        using var batch = VlmBatch.Create(model, [sequence], Tiny.Pixels(model, s_grid, seed));
        return model.Logits(batch);
    }
}
