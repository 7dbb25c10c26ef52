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
    private const string Long = "Outcome-v1", Short = "Stability-v1";   // a prompt of five pictures, and of one

    private readonly Policy _policy = Open(tiny);

    public void Dispose() => _policy.Dispose();

    [Fact]
    public async Task Write_PromptsOfUnlikeLength_DrawsWhatOneRectangleDraws()
    {
        var prompts = await PromptsAsync();
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
    public async Task Score_PromptsOfUnlikeLength_ScoresAndTeachesAsOneRectangleDoes()
    {
        var prompts = await PromptsAsync();
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
    private async Task<EncodedChat[]> PromptsAsync()
    {
        using var clients = EnvironmentClients.Open("");
        var asked = new List<Question[]>();
        foreach (var task in (string[])[Long, Short])
        {
            using var source = new QuestionSource(clients, task, "", "train", 32);
            asked.Add([.. (await Task.Run(() => source.Ask(0, 2))).Questions]);
        }

        return [.. asked[0].Zip(asked[1], (first, second) => new[] { first, second }).SelectMany(pair => pair)
            .Select(question => _policy.Prompt(question))];
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
