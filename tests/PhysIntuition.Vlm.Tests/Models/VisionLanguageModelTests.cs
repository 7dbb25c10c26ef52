using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

public sealed class VisionLanguageModelTests
{
    private const double Tolerance = 1e-4;   // the bound that the vectors' description gives for logits

    [Theory]
    [InlineData(Reference.Qwen3, "one_image")]
    [InlineData(Reference.Qwen3, "text_only")]
    [InlineData(Reference.Qwen25, "one_image")]
    [InlineData(Reference.Qwen25, "text_only")]
    public void Logits_ReferenceCase_AreTheReference(string family, string name)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch(name);

        var logits = reference.Model.Logits(batch);

        Assert.InRange(Reference.Distance(logits.squeeze(0), reference.Expected($"{name}/logits")), 0, Tolerance);
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void States_ReferenceCase_PassThroughTheReferenceLayers(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch("one_image");
        var seen = new List<Tensor>();
        reference.Model.Decoder.LayerObserver = (_, output) => seen.Add(output.squeeze(0));

        var states = reference.Model.States(batch).squeeze(0);

        for (var layer = 0; layer < seen.Count; layer++)
        {
            var expected = reference.Expected($"one_image/intermediate/text.layer{layer}.before_deepstack");
            Assert.InRange(Reference.Distance(seen[layer], expected), 0, Tolerance);
        }

        Assert.Equal(reference.Model.Config.Text.NumHiddenLayers, seen.Count);
        var last = reference.Expected("one_image/intermediate/text.final_norm");
        Assert.InRange(Reference.Distance(states, last), 0, Tolerance);
    }

    [Theory]
    [InlineData(Reference.Qwen3, "one_image")]
    [InlineData(Reference.Qwen3, "text_only")]
    [InlineData(Reference.Qwen25, "one_image")]
    [InlineData(Reference.Qwen25, "text_only")]
    public void PositionIds_ReferenceCase_AreExactlyTheReference(string family, string name)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var batch = reference.Batch(name);

        var expected = reference.Expected($"{name}/position_ids");
        var delta = reference.Case(name).GetProperty("rope_delta").GetInt32();

        Assert.Equal(expected.data<long>().ToArray(), batch.PositionIds.data<long>().ToArray());
        Assert.Equal(batch.Length + delta, batch.NextPositions[0]);
    }

    [Theory]
    [InlineData(Reference.Qwen3)]
    [InlineData(Reference.Qwen25)]
    public void PositionIds_LeftPaddedBatch_AreExactlyTheReference(string family)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        var ids = reference.Expected("batch_left_pad/input_ids");
        var isToken = reference.Expected("batch_left_pad/attention_mask");
        using var batch = VlmBatch.Create(
            reference.Model, LeftPadded(reference, ids, isToken), PixelsOf(reference), padsLeft: true);

        Assert.Equal(
            reference.Expected("batch_left_pad/position_ids").data<long>().ToArray(),
            batch.PositionIds.data<long>().ToArray());
        Assert.Equal(
            isToken.data<long>().Select(item => item != 0).ToArray(), batch.AttentionMask!.data<bool>().ToArray());
        var deltas = reference.Case("batch_left_pad").GetProperty("rope_deltas");
        for (var row = 0; row < batch.Sequences.Count; row++)
        {
            Assert.Equal(batch.Length + deltas[row].GetInt32(), batch.NextPositions[row]);
        }
    }

    [Theory]
    [InlineData(Reference.Qwen3, true)]
    [InlineData(Reference.Qwen3, false)]
    [InlineData(Reference.Qwen25, true)]
    [InlineData(Reference.Qwen25, false)]
    public void Logits_PaddedBatch_EqualTheSingleRuns(string family, bool padsLeft)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var ids = reference.Expected("batch_left_pad/input_ids");
        var isToken = reference.Expected("batch_left_pad/attention_mask");
        var sequences = LeftPadded(reference, ids, isToken);
        using var batch = VlmBatch.Create(reference.Model, sequences, PixelsOf(reference), padsLeft);

        var together = reference.Model.Logits(batch);

        for (var row = 0; row < sequences.Length; row++)
        {
            var rows = row == 0 ? reference.Expected("inputs/pixel_values_a") : PixelsOf(reference, onlyRow: row);
            using var single = VlmBatch.Create(reference.Model, [sequences[row]], rows);
            var alone = reference.Model.Logits(single).squeeze(0);
            var part = together.select(0, row).narrow(0, batch.Offset(row), alone.size(0));
            Assert.InRange(Reference.Distance(part, alone), 0, Tolerance);
        }
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Logits_PaddingOnEitherSide_IsTheSame(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var left = Tiny.Batch(model, padsLeft: true);
        using var right = Tiny.Batch(model, padsLeft: false);

        var (before, after) = (model.Logits(left), model.Logits(right));

        for (var row = 0; row < 2; row++)
        {
            var count = left.Sequences[row].TokenIds.Count;
            var distance = Reference.Distance(
                before.select(0, row).narrow(0, left.Offset(row), count),
                after.select(0, row).narrow(0, right.Offset(row), count));
            Assert.InRange(distance, 0, 1e-5);
        }
    }

    private static VlmSequence[] LeftPadded(Reference reference, Tensor ids, Tensor isToken)
    {
        var columns = (int)ids.size(1);
        var (values, mask) = (ids.data<long>().ToArray(), isToken.data<long>().ToArray());
        return [.. Enumerable.Range(0, (int)ids.size(0)).Select(row => new VlmSequence(
            [.. Enumerable.Range(row * columns, columns).Where(i => mask[i] != 0).Select(i => (int)values[i])],
            GridsOf(reference, row)))];
    }

    // The second sequence of the batch has two pictures: a, then b.
    private static PatchGrid[] GridsOf(Reference reference, int row)
    {
        PatchGrid a = reference.Model.Config.Family == VlmFamily.Qwen3Vl ? new(1, 4, 6) : new(1, 6, 10);
        PatchGrid b = reference.Model.Config.Family == VlmFamily.Qwen3Vl ? new(1, 4, 2) : new(1, 4, 4);
        return row == 0 ? [a] : [a, b];
    }

    private static Tensor PixelsOf(Reference reference, int? onlyRow = null)
    {
        var a = reference.Expected("inputs/pixel_values_a");
        var b = reference.Expected("inputs/pixel_values_b");
        return onlyRow == 1 ? cat([a, b]) : cat([a, a, b]);
    }
}
