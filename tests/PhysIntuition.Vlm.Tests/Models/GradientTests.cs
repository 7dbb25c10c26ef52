using PhysIntuition.Vlm.Generation;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Gradients against differences of the loss, in need of no file.</summary>
public sealed class GradientTests
{
    [Theory]
    [InlineData(VlmFamily.Qwen3Vl, false)]
    [InlineData(VlmFamily.Qwen3Vl, true)]
    [InlineData(VlmFamily.Qwen25Vl, false)]
    [InlineData(VlmFamily.Qwen25Vl, true)]
    public void Backward_AlongItsOwnGradient_PredictsTheChangeOfTheLoss(VlmFamily family, bool checkpoints)
    {
        using var model = Tiny.Model(family, isTied: checkpoints);
        using var scope = NewDisposeScope();
        using var batch = Tiny.Batch(model);
        model.UsesGradientCheckpointing = checkpoints;

        Loss(model, batch).backward();

        // d loss / d step along the unit gradient is the gradient's norm; central differences err by step squared.
        const float step = 2e-3f;
        var gradients = model.parameters().ToDictionary(parameter => parameter, parameter => parameter.grad!);
        Assert.All(gradients.Values, Assert.NotNull);
        var norm = Math.Sqrt(gradients.Values.Sum(gradient => gradient.square().sum().item<float>()));
        using var off = no_grad();
        var difference = (At(step) - At(-step)) / (2 * step);
        Assert.InRange(difference / norm, 0.99, 1.01);

        double At(double distance)
        {
            Move(distance / norm);
            var loss = Loss(model, batch).item<float>();
            Move(-distance / norm);
            return loss;
        }

        void Move(double factor)
        {
            foreach (var (parameter, gradient) in gradients)
            {
                parameter.add_(gradient, factor);
            }
        }
    }

    [Fact]
    public void Backward_WithCheckpointing_GivesTheSameGradientsAsWithout()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var batch = Tiny.Batch(model);
        Loss(model, batch).backward();
        var before = model.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
        model.zero_grad();
        model.UsesGradientCheckpointing = true;

        Loss(model, batch).backward();

        var after = model.parameters().Select(parameter => parameter.grad!).ToArray();
        Assert.All(before.Zip(after), pair => Assert.InRange(Reference.Distance(pair.Second, pair.First), 0, 1e-5));
    }

    private static Tensor Loss(VisionLanguageModel model, VlmBatch batch) =>
        TokenLoss.Of(model, batch, [.. batch.Sequences.Select(sequence => sequence.TokenIds
            .Select(token => token == Tiny.ImageToken ? TokenLoss.Ignored : token).ToArray())]).Mean;
}
