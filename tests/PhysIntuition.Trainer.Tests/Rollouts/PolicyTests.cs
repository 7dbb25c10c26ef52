using PhysIntuition.Evaluation;
using PhysIntuition.Trainer.Recipes;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Generation;
using PhysIntuition.Vlm.Tokenization;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Prompts of unlike length go through the model in groups, and what comes out stays in its place.</summary>
public sealed class PolicyTests(TinyModel tiny) : IDisposable
{
    private const string Long = "Outcome-v1", Short = "Stability-v1";   // by their prompts

    private readonly Policy _policy = Open(tiny);

    public void Dispose() => _policy.Dispose();

    [Fact]
    public void Write_PromptsOfUnlikeLength_DrawsWhatOneRectangleDraws()
    {
        var prompts = Prompts();
        var options = new GenerationOptions
        {
            MaxNewTokens = 5, CompletionsPerPrompt = 3, Seed = 7, StopTokens = _policy.StopTokens,
            Sampling = new SamplingOptions { Temperature = 3 },
        };

        var grouped = _policy.Write(prompts, options);

        var (batch, pixels) = _policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        var whole = TextGenerator.Generate(_policy.Model, batch, options);
        Assert.Equal(
            whole.SelectMany(group => group).Select(item => string.Join(' ', item.TokenIds)),
            grouped.SelectMany(group => group).Select(item => string.Join(' ', item.TokenIds)));
        Assert.True(grouped[0].Select(item => string.Join(" ", item.TokenIds)).Distinct().Count() > 1);
    }

    [Fact]
    public void Score_PromptsOfUnlikeLength_ScoresAndTeachesAsOneRectangleDoes()
    {
        var prompts = Prompts();
        int[][] answers =
            [.. Enumerable.Range(0, 2 * prompts.Length).Select(i => Enumerable.Range(5 + i, 1 + (i % 4)).ToArray())];
        var mask = Masks.Of(answers, CPU);

        var grouped = _policy.Score(prompts, answers, temperature: 0.7, learnsEntropy: true);
        var ofGroups = Gradient((grouped.LogProbabilities + grouped.Entropies) * mask);

        var (batch, pixels) = _policy.Batch(prompts);
        using var owned = batch;
        using var ownedPixels = pixels;
        var whole = CompletionScorer.Score(_policy.Model, batch, answers, 0.7, learnsEntropy: true);
        Assert.Equal((whole.LogProbabilities * mask).data<float>().ToArray(),
            (grouped.LogProbabilities * mask).data<float>().ToArray(), new Close(1e-4f));
        Assert.Equal(
            Gradient((whole.LogProbabilities + whole.Entropies) * mask), ofGroups, new Close(2e-3f));
    }

    [Theory]
    [InlineData("3 3 3", "0 1 2")]
    [InlineData("9 2 9 2", "1 3|0 2")]
    public void LengthGroups_Rows_KeepTheirOrderWithinAGroup(string lengths, string groups)
    {
        var cut = LengthGroups.Of([.. lengths.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)]);

        Assert.Equal(groups, string.Join('|', cut.Select(group => string.Join(' ', group))));
    }

    private static Policy Open(TinyModel tiny)
    {
        NativeTorch.Require();
        return Policy.Open(tiny.Folder, new PolicyOptions());
    }

    // Long, short, long, short.
    private EncodedChat[] Prompts()
    {
        using var clients = EnvironmentClients.Open("");
        using var longer = new QuestionSource(clients, Long, "", "train", 32);
        using var shorter = new QuestionSource(clients, Short, "", "train", 32);
        EncodedChat[] prompts = [.. longer.Ask(0, 2).Questions.Zip(shorter.Ask(0, 2).Questions)
            .SelectMany(pair => new[] { pair.First, pair.Second }).Select(question => _policy.Prompt(question))];
        Assert.Equal("1 3|0 2", string.Join('|', LengthGroups.Of([.. prompts.Select(prompt => prompt.Ids.Length)])
            .Select(group => string.Join(' ', group))));
        return prompts;
    }

    private float[] Gradient(Tensor scores)
    {
        scores.sum().backward();
        float[] gradient = [.. _policy.Trained.SelectMany(item =>
            item.Parameter.grad is { } own ? own.data<float>().ToArray() : [])];
        foreach (var (_, parameter) in _policy.Trained)
        {
            parameter.grad = null;
        }

        return gradient;
    }

    private sealed class Close(float distance) : IEqualityComparer<float>
    {
        public bool Equals(float x, float y) => Math.Abs(x - y) <= distance;

        public int GetHashCode(float number) => 0;
    }
}
