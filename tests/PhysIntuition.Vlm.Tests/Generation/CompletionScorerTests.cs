using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Weights;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

public sealed class CompletionScorerTests
{
    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Score_SampledCompletions_GivesTheSamplersLogProbabilities(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        var options = new GenerationOptions
        {
            MaxNewTokens = 9, CompletionsPerPrompt = 4, Seed = 6, StopTokens = [1, 2, 3, 4, 5, 6, 7, 8],
            Sampling = new() { Temperature = 0.7f },
        };
        var completions = TextGenerator.Generate(model, prompts, options).SelectMany(item => item).ToArray();

        using var off = no_grad();
        var scores = CompletionScorer.Score(model, prompts, [.. completions.Select(item => item.TokenIds)], 0.7);

        var length = completions.Max(item => item.TokenIds.Length);
        Assert.Equal([completions.Length, length], scores.LogProbabilities.shape);
        var values = scores.LogProbabilities.data<float>().ToArray();
        for (var row = 0; row < completions.Length; row++)
        {
            var own = values.AsSpan(row * length, completions[row].TokenIds.Length).ToArray();
            var sampled = completions[row].LogProbabilities;
            Assert.All(own.Zip(sampled), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
        }
    }

    [Fact]
    public void Score_Entropies_TeachOnlyWhereAsked()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        int[][] completions = [[4, 9, 2], [8, 8, 1], [3, 5, 7], [6, 60, 61]];
        double Slope(bool isLearned)
        {
            model.zero_grad();
            CompletionScorer.Score(model, prompts, completions, 0.7, isLearned).Entropies.sum().backward();
            return model.parameters().Sum(parameter => parameter.grad?.square().sum().item<float>() ?? 0);
        }

        Assert.Equal(0, Slope(isLearned: false));
        Assert.True(Slope(isLearned: true) > 1e-6);

        // One step along the gradient makes the answers less sure.
        var before = CompletionScorer.Score(model, prompts, completions, 0.7).Entropies.sum().item<float>();
        using (no_grad())
        {
            foreach (var parameter in model.parameters().Where(parameter => parameter.grad is not null))
            {
                parameter.add_(parameter.grad! * 1e-3f);
            }
        }

        Assert.True(CompletionScorer.Score(model, prompts, completions, 0.7).Entropies.sum().item<float>() > before);
    }

    [Fact]
    public void Score_SharedPrompts_HasTheGradientsOfSeparateSequences()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        int[][] completions = [[4, 9, 2], [8, 8, 1], [3, 5, 7], [6, 60, 61]];

        CompletionScorer.Score(model, prompts, completions).LogProbabilities.sum().backward();
        var shared = model.parameters().Select(parameter => parameter.grad!.clone()).ToArray();
        model.zero_grad();
        for (var row = 0; row < completions.Length; row++)
        {
            SeparateLoss(model, prompts, row / 2, completions[row]).backward();
        }

        var apart = model.parameters().Select(parameter => parameter.grad!.neg()).ToArray();
        foreach (var (first, second) in shared.Zip(apart))
        {
            Assert.InRange(Reference.Distance(first, second), 0, 1e-3 * Math.Max(1, second.abs().max().item<float>()));
        }
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl, false)]
    [InlineData(VlmFamily.Qwen25Vl, false)]
    [InlineData(VlmFamily.Qwen3Vl, true)]
    public void Score_WithCheckpoints_HasTheSameScoresAndGradients(VlmFamily family, bool isQuantised)
    {
        using var model = Tiny.Model(family, placement: new WeightPlacement
        {
            IsTrainable = !isQuantised, Nf4 = isQuantised ? new Nf4Options() : null,
        });
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        using var adapters = LoraAdapters.Attach(model, new LoraConfig { Rank = 2 }, seed: 3);
        foreach (var parameter in adapters.Parameters)
        {
            using var off = no_grad();
            parameter.add_(0.05);
        }

        int[][] completions = [[4, 9, 2, 7], [8, 8, 1], [3, 5], [6, 60, 61, 2]];
        var learning = model.parameters().Where(p => p.requires_grad).Concat(adapters.Parameters).ToArray();
        var (plain, plainGradients) = Run(checkpoints: false);
        var (checkpointed, gradients) = Run(checkpoints: true);

        Assert.Equal(0, Reference.Distance(plain, checkpointed), 1e-6);
        Assert.NotEmpty(gradients);
        foreach (var (first, second) in plainGradients.Zip(gradients))
        {
            Assert.InRange(Reference.Distance(first, second), 0, 3e-5 * Math.Max(1, first.abs().max().item<float>()));
        }

        (Tensor Scores, Tensor[] Gradients) Run(bool checkpoints)
        {
            model.UsesGradientCheckpointing = checkpoints;
            foreach (var parameter in learning)
            {
                parameter.grad = null;
            }

            var scores = CompletionScorer.Score(model, prompts, completions).LogProbabilities;
            scores.narrow(1, 0, 2).square().sum().backward();
            return (scores.detach().narrow(1, 0, 2), [.. learning.Select(parameter => parameter.grad!.clone())]);
        }
    }

    private static Tensor SeparateLoss(VisionLanguageModel model, VlmBatch prompts, int prompt, int[] completion)
    {
        var sequence = prompts.Sequences[prompt];
        var pixels = prompts.PixelValues!.narrow(
            0, prompts.Grids.Take(prompt).Sum(grid => grid.Count), prompts.Grids[prompt].Count);
        using var batch = VlmBatch.Create(
            model, [sequence with { TokenIds = [.. sequence.TokenIds, .. completion] }], pixels);
        int[] labels = [.. Enumerable.Repeat(TokenLoss.Ignored, sequence.TokenIds.Count), .. completion];
        return TokenLoss.Of(model, batch, [labels]).Sum;
    }
}
