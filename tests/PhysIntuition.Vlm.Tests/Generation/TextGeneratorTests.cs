using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

public sealed class TextGeneratorTests
{
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    [Theory]
    [InlineData(Reference.Qwen3, "one_image")]
    [InlineData(Reference.Qwen3, "text_only")]
    [InlineData(Reference.Qwen25, "one_image")]
    [InlineData(Reference.Qwen25, "text_only")]
    public void Generate_GreedyReference_WritesTheReferenceTokens(string family, string name)
    {
        using var reference = Reference.Open(family);
        using var scope = NewDisposeScope();
        var expected = reference.Case(name);
        using var prompt = reference.Batch(name, expected.GetProperty("greedy_prompt_len").GetInt32());
        int[] tokens = [.. expected.GetProperty("greedy_tokens").EnumerateArray().Select(item => item.GetInt32())];
        var options = new GenerationOptions { Sampling = s_greedy, MaxNewTokens = tokens.Length };

        var completion = TextGenerator.Generate(reference.Model, prompt, options)[0][0];

        Assert.Equal(tokens, completion.TokenIds);
        var scores = expected.GetProperty("greedy_logps").EnumerateArray().Select(item => item.GetSingle());
        Assert.All(
            scores.Zip(completion.LogProbabilities), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));
    }

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl, 0f)]
    [InlineData(VlmFamily.Qwen3Vl, 0.8f)]
    [InlineData(VlmFamily.Qwen25Vl, 0f)]
    [InlineData(VlmFamily.Qwen25Vl, 0.8f)]
    public void Generate_PaddedPrompts_EqualsRunningEverythingAgainForEachToken(VlmFamily family, float temperature)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var prompts = Tiny.Batch(model);
        var options = new GenerationOptions
        {
            Sampling = new SamplingOptions { Temperature = temperature }, MaxNewTokens = 12, Seed = 4,
            CompletionsPerPrompt = 3,
            StopTokens = [Tiny.ImageToken, Tiny.VideoToken],   // these would need a picture to follow
        };

        var completions = TextGenerator.Generate(model, prompts, options);

        for (var row = 0; row < prompts.Sequences.Count; row++)
        {
            for (var number = 0; number < options.CompletionsPerPrompt; number++)
            {
                AssertEqualsUncached(model, prompts, row, number, completions[row][number], options);
            }
        }
    }

    [Fact]
    public void Generate_SameSeed_WritesTheSameAndAnotherSeedWritesAnother()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        var options = new GenerationOptions { MaxNewTokens = 10, CompletionsPerPrompt = 4, Seed = 1 };

        var first = TextGenerator.Generate(model, prompts, options);
        var again = TextGenerator.Generate(model, prompts, options);
        var other = TextGenerator.Generate(model, prompts, options with { Seed = 2 });
        var fewer = TextGenerator.Generate(model, prompts, options with { CompletionsPerPrompt = 2 });

        Assert.Equal(Tokens(first), Tokens(again));
        Assert.NotEqual(Tokens(first), Tokens(other));
        Assert.NotEqual(first[0][0].TokenIds, first[0][1].TokenIds);
        Assert.Equal(first[1][1].TokenIds, fewer[1][1].TokenIds);
    }

    [Fact]
    public void Generate_StopToken_EndsTheCompletionAndIsPartOfIt()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        var free = new GenerationOptions { MaxNewTokens = 20, CompletionsPerPrompt = 8, Seed = 3 };
        var before = TextGenerator.Generate(model, prompts, free);
        var stop = before[0][0].TokenIds[4];

        var after = TextGenerator.Generate(model, prompts, free with { StopTokens = [stop] });

        foreach (var (whole, cut) in before.SelectMany(item => item).Zip(after.SelectMany(item => item)))
        {
            var place = Array.IndexOf(whole.TokenIds, stop);
            Assert.Equal(place >= 0, cut.IsStopped);
            Assert.Equal(place >= 0 ? whole.TokenIds[..(place + 1)] : whole.TokenIds, cut.TokenIds);
            Assert.Equal(cut.TokenIds.Length, cut.LogProbabilities.Length);
        }
    }

    [Fact]
    public void Generate_ManySamples_FollowTheFilteredDistribution()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var sampling = new SamplingOptions { Temperature = 1.3f, TopK = 8, TopP = 0.9f };
        var options = new GenerationOptions
        {
            Sampling = sampling, MaxNewTokens = 1, CompletionsPerPrompt = 4000, Seed = 9,
        };
        using var prompt = VlmBatch.Create(model, [new VlmSequence([5, 6, 7, 8])]);
        var scores = model.Logits(prompt).select(1, 3).squeeze(0).data<float>().ToArray();
        ScalarSampler.Filter(scores, sampling);
        ScalarSampler.Softmax(scores, scores);

        var tokens = TextGenerator.Generate(model, prompt, options)[0].Select(item => item.TokenIds[0]).ToArray();

        // A share of n draws deviates by sqrt(p (1 - p) / n); five of those is one chance in a million per token.
        for (var token = 0; token < scores.Length; token++)
        {
            var share = tokens.Count(item => item == token) / (double)tokens.Length;
            var deviation = Math.Sqrt(scores[token] * (1 - scores[token]) / tokens.Length);
            Assert.InRange(share, scores[token] - (5 * deviation), scores[token] + (5 * deviation));
        }
    }

    [Fact]
    public void Generate_RightPaddedPrompts_AreRefused()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model, padsLeft: false);

        var error = Assert.Throws<ArgumentException>(
            () => TextGenerator.Generate(model, prompts, new GenerationOptions()));

        Assert.Contains("padded on the left", error.Message, StringComparison.Ordinal);
    }

    private static void AssertEqualsUncached(
        VisionLanguageModel model,
        VlmBatch prompts,
        int row,
        int number,
        Completion completion,
        GenerationOptions options)
    {
        var sequence = prompts.Sequences[row];
        var pixels = prompts.PixelValues!.narrow(
            0, prompts.Grids.Take(row).Sum(grid => grid.Count), prompts.Grids[row].Count);
        var tokens = sequence.TokenIds.ToList();
        for (var step = 0; step < completion.TokenIds.Length; step++)
        {
            using var scope = NewDisposeScope();
            using var batch = VlmBatch.Create(model, [sequence with { TokenIds = [.. tokens] }], pixels);
            var scores = model.Logits(batch).select(1, tokens.Count - 1).squeeze(0).data<float>().ToArray();
            var temperature = options.Sampling.Temperature;
            var logarithms = tensor(scores, [scores.Length]).div(temperature == 0 ? 1 : temperature).log_softmax(-1);
            var uniform = UniformDraws.At(UniformDraws.OfPrompt(options.Seed, row), number, step);
            var token = ScalarSampler.Draw(scores, options.Sampling, uniform);

            Assert.Equal(token, completion.TokenIds[step]);
            Assert.Equal(logarithms.data<float>()[token], completion.LogProbabilities[step], 1e-4f);
            tokens.Add(token);
        }
    }

    private static int[][] Tokens(Completion[][] completions) =>
        [.. completions.SelectMany(item => item).Select(item => item.TokenIds)];
}
