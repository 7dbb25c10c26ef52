using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

public sealed class RunningBatchTests
{
    private const int Tokens = 90;   // past the columns that are taken at first

    private static readonly SamplingOptions s_drawn = new() { Temperature = 0.9f };
    private static readonly SamplingOptions s_greedy = new() { Temperature = 0 };

    [Theory]
    [InlineData(VlmFamily.Qwen3Vl)]
    [InlineData(VlmFamily.Qwen25Vl)]
    public void Step_CompletionsThatJoinAndLeave_AreThoseOfTheGenerator(VlmFamily family)
    {
        using var model = Tiny.Model(family);
        using var scope = NewDisposeScope();
        using var prompts = Tiny.Batch(model);
        using var shorter = VlmBatch.Create(model, [new VlmSequence([3, 1, 4])]);
        using var longer = VlmBatch.Create(model, [new VlmSequence([.. Enumerable.Range(1, 40)])]);
        using var batch = new RunningBatch(model);
        var written = new Dictionary<RunningCompletion, List<DrawnToken>>();

        // Each prompt's completions join at another token; others leave before the last ones come.
        var first = Join(prompts, seed: 4, each: 2, s_drawn);
        Steps(3);
        var second = Join(shorter, seed: 5, each: 1, s_greedy);
        Steps(20);
        batch.Remove(first[1]);
        batch.Remove(first[2]);
        Steps(3);
        var third = Join(longer, seed: 6, each: 2, s_drawn);
        Steps(Tokens - 27);
        batch.Remove(first[0]);
        batch.Remove(first[3]);
        Steps(27);
        batch.Remove(third[0]);
        batch.Remove(third[1]);
        Steps(40);   // one of five slots is left

        AssertAsGenerated(model, prompts, 4, 2, s_drawn, first, [Tokens, 24, 24, Tokens]);
        AssertAsGenerated(model, shorter, 5, 1, s_greedy, second, [Tokens + 64]);
        AssertAsGenerated(model, longer, 6, 2, s_drawn, third, [Tokens + 1, Tokens + 1]);

        RunningCompletion[] Join(VlmBatch joining, ulong seed, int each, SamplingOptions sampling)
        {
            RunningCompletion[][] groups = [.. joining.Sequences.Select((_, prompt) => Enumerable.Range(0, each)
                .Select(number => new RunningCompletion(
                    sampling, RunningCompletion.SeedOf(seed, prompt), number, alternatives: 2)).ToArray())];
            batch.Add(joining, groups);
            RunningCompletion[] all = [.. groups.SelectMany(group => group)];
            Array.ForEach(all, completion => written[completion] = [completion.Last]);
            return all;
        }

        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                batch.Step();
                foreach (var completion in batch.Completions)
                {
                    written[completion].Add(completion.Last);
                }
            }
        }

        void AssertAsGenerated(
            VisionLanguageModel of, VlmBatch joined, ulong seed, int each, SamplingOptions sampling,
            RunningCompletion[] completions, int[] counts)
        {
            var expected = TextGenerator.Generate(of, joined, new GenerationOptions
            {
                Sampling = sampling, MaxNewTokens = counts.Max(), CompletionsPerPrompt = each, Seed = seed,
            }).SelectMany(group => group).ToArray();
            for (var i = 0; i < completions.Length; i++)
            {
                Assert.Equal(counts[i], written[completions[i]].Count);
                Assert.Equal(counts[i], completions[i].Count);
                Assert.Equal(
                    expected[i].TokenIds.Take(counts[i]), written[completions[i]].Select(token => token.Token));
                Assert.All(expected[i].LogProbabilities.Zip(written[completions[i]]),
                    pair => Assert.Equal(pair.First, pair.Second.LogProbability, 1e-4f));
            }
        }
    }

    [Fact]
    public void Add_Alternatives_AreTheMostProbableTokensBestFirst()
    {
        using var model = Tiny.Model();
        using var scope = NewDisposeScope();
        using var prompt = VlmBatch.Create(model, [new VlmSequence([5, 6, 7])]);
        using var batch = new RunningBatch(model);
        var completion = new RunningCompletion(s_greedy, seed: 0, number: 0, alternatives: 3);
        var plain = new RunningCompletion(s_greedy, seed: 0, number: 1, alternatives: 0);

        batch.Add(prompt, [[completion, plain]]);

        using var off = no_grad();
        var expected = model.Logits(prompt)[0, -1].log_softmax(-1);
        var (values, indexes) = expected.topk(3);
        Assert.Equal(indexes.data<long>().ToArray(), completion.Last.Alternatives.Select(item => (long)item.Token));
        Assert.All(values.data<float>().ToArray().Zip(completion.Last.Alternatives),
            pair => Assert.Equal(pair.First, pair.Second.LogProbability, 1e-5f));
        Assert.Equal(completion.Last.Token, completion.Last.Alternatives[0].Token);
        Assert.Empty(plain.Last.Alternatives);
    }
}
