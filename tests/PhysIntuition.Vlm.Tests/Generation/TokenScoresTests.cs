using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

public sealed class TokenScoresTests
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(Reference.Qwen3, "one_image")]
    [InlineData(Reference.Qwen3, "text_only")]
    [InlineData(Reference.Qwen25, "one_image")]
    [InlineData(Reference.Qwen25, "text_only")]
    public void Of_ReferenceCase_AreTheReference(string family, string name)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var batch = reference.Batch(name);
        var states = reference.Model.States(batch).squeeze(0);
        var count = states.size(0);
        var targets = batch.InputIds.squeeze(0).narrow(0, 1, count - 1);

        var plain = TokenScores.Of(reference.Model, states.narrow(0, 0, count - 1), targets);
        var cooled = TokenScores.Of(reference.Model, states.narrow(0, 0, count - 1), targets, temperature: 0.7);

        Assert.InRange(Reference.Distance(
            plain.LogProbabilities, reference.Expected($"{name}/token_logps")), 0, Tolerance);
        Assert.InRange(Reference.Distance(
            cooled.LogProbabilities, reference.Expected($"{name}/token_logps_T0.7")), 0, Tolerance);
        Assert.InRange(Reference.Distance(
            plain.Entropies, reference.Expected($"{name}/token_entropy").narrow(0, 0, count - 1)), 0, Tolerance);
    }

    [Theory]
    [InlineData(Reference.Qwen3, "one_image")]
    [InlineData(Reference.Qwen3, "text_only")]
    [InlineData(Reference.Qwen25, "one_image")]
    [InlineData(Reference.Qwen25, "text_only")]
    public void Loss_ReferenceCase_AndEveryGradient_AreTheReference(string family, string name)
    {
        using var reference = Reference.Open(family, Reference.Trainable);
        using var scope = NewDisposeScope();
        using var batch = reference.Batch(name);
        int[][] labels = [[.. reference.Labels(name).data<long>().Select(label => (int)label)]];

        var loss = TokenLoss.Of(reference.Model, batch, labels);
        loss.Mean.backward();

        Assert.Equal(reference.Case(name).GetProperty("n_label_tokens").GetInt64(), loss.Count);
        Assert.Equal(reference.Case(name).GetProperty("loss").GetDouble(), loss.Mean.item<float>(), 1e-4);
        var norms = reference.Case(name).GetProperty("grad_l2_norms").EnumerateObject()
            .ToDictionary(item => TensorNames.ToCurrent(item.Name), item => item.Value.GetDouble());
        foreach (var (parameter, value) in reference.Model.named_parameters())
        {
            var actual = value.grad is { } gradient ? gradient.square().sum().sqrt().item<float>() : 0;
            var expected = norms.GetValueOrDefault(parameter);
            var isClose = Math.Abs(actual - expected) <= (1e-3 * expected) + 1e-6;
            Assert.True(isClose, $"{parameter}: {actual}, not {expected}");
        }
    }

    [Theory]
    [InlineData(Reference.Qwen3, false)]
    [InlineData(Reference.Qwen3, true)]
    [InlineData(Reference.Qwen25, false)]
    [InlineData(Reference.Qwen25, true)]
    public void Loss_OneImage_HasTheReferenceGradientsElementByElement(string family, bool checkpoints)
    {
        using var reference = Reference.Open(family, Reference.Trainable);
        using var scope = NewDisposeScope();
        using var batch = reference.Batch("one_image");
        int[][] labels = [[.. reference.Labels("one_image").data<long>().Select(label => (int)label)]];
        reference.Model.UsesGradientCheckpointing = checkpoints;

        TokenLoss.Of(reference.Model, batch, labels).Mean.backward();

        const string prefix = "one_image/grad/";
        var parameters = reference.Model.named_parameters().ToDictionary(item => item.name, item => item.parameter);
        var names = reference.Names.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(names);
        foreach (var name in names)
        {
            var expected = reference.Expected(name);
            var actual = parameters[TensorNames.ToCurrent(name[prefix.Length..])].grad!;
            var largest = expected.abs().max().item<float>();
            Assert.True(Reference.Distance(actual, expected) <= 1e-3 * largest, name);
        }
    }
}
