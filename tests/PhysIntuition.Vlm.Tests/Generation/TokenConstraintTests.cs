using System.Text;
using PhysIntuition.Vlm.Models;
using PhysIntuition.Vlm.Tokenization;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>Grammars over bytes, and models that can write nothing else.</summary>
public sealed class TokenConstraintTests : IDisposable
{
    private static readonly IReadOnlyList<IReadOnlyList<string>> s_pair =
        [["("], ["0", "1", "12", "-3"], [", 0", ", 7", ", 70"], [")", ".)"]];

    private readonly TemporaryFolder _folder = new();

    public TokenConstraintTests() => NativeTorch.Require();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("(0, 0)", true)]
    [InlineData("(12, 70)", true)]
    [InlineData("(1, 7.)", true)]
    [InlineData("(-3, 0.)", true)]
    [InlineData("(1", false)]
    [InlineData("(2, 0)", false)]
    [InlineData("(0,0)", false)]
    [InlineData("(0, 0))", false)]
    [InlineData("", false)]
    [InlineData("no", true)]
    public void IsWhole_TextOfTheGrammar_AndNoOther(string text, bool isWhole)
    {
        var grammar = new TextGrammar(s_pair, [["no", "yes"]]);

        var state = grammar.Next(grammar.Start, Encoding.UTF8.GetBytes(text));

        Assert.Equal(isWhole, state >= 0 && grammar.IsWhole(state));
    }

    [Fact]
    public void TextGrammar_PieceWithoutAlternatives_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new TextGrammar([["a"], []]));

    [Fact]
    public void Generate_HotModelUnderAConstraint_WritesTextsOfTheGrammarAlone()
    {
        using var scope = NewDisposeScope();
        var (model, tokenizer) = Open();
        using var owned = model;
        using var prompts = Tiny.Batch(model);
        var constraint = new TokenConstraint(
            new TextGrammar(s_pair, [["no", "yes"]]), tokenizer, [Stop], (int)model.Config.Text.VocabSize);
        var options = new GenerationOptions
        {
            MaxNewTokens = 16, CompletionsPerPrompt = 40, Seed = 3, StopTokens = [Stop],
            Sampling = new() { Temperature = 3, TopP = 0.95f }, Constraints = [constraint, null],
        };

        var completions = TextGenerator.Generate(model, prompts, options);

        string[] texts = [.. completions[0].Select(answer => tokenizer.Decode(answer.TokenIds, skipSpecial: true))];
        string[] known =
            ["no", "yes", .. from a in s_pair[1] from b in s_pair[2] from c in s_pair[3] select $"({a}{b}{c}"];
        Assert.All(texts, text => Assert.Contains(text, known));
        Assert.True(texts.Distinct().Count() > 3);
        Assert.All(completions[0].Zip(texts), item => Assert.Equal(tokenizer.Encode(item.Second),
            item.First.TokenIds.Where(token => token != Stop)));   // one of many cuts: as training has it
        Assert.All(completions[0], answer => Assert.True(answer.IsStopped));
        Assert.Contains(
            completions[1], answer => !known.Contains(tokenizer.Decode(answer.TokenIds, skipSpecial: true)));

        // What can come in one way alone is certain; the scorer finds what the sampler found.
        var scores = CompletionScorer.Score(model, prompts,
            [.. completions.SelectMany(group => group).Select(answer => answer.TokenIds)], 3,
            constraints: options.Constraints);
        var length = scores.LogProbabilities.size(1);
        var values = scores.LogProbabilities.data<float>().ToArray();
        Assert.All(completions.SelectMany(group => group).Select((answer, row) => (answer, row)), item => Assert.All(
            item.answer.LogProbabilities.Select((value, i) => (value, values[(item.row * length) + i])),
            pair => Assert.Equal(pair.value, pair.Item2, 1e-4f)));
        Assert.All(completions[0], answer => Assert.Equal(0, answer.LogProbabilities[^1], 1e-6f));   // only the stop
        Assert.All(scores.Entropies.data<float>().ToArray(), entropy => Assert.True(float.IsFinite(entropy)));
    }

    [Fact]
    public void Step_ConstrainedCompletionBesideFreeOnes_KeepsToItsGrammar()
    {
        using var scope = NewDisposeScope();
        var (model, tokenizer) = Open();
        using var owned = model;
        using var prompts = Tiny.Batch(model);
        var constraint = new TokenConstraint(
            new TextGrammar([["yes", "no"]]), tokenizer, [Stop], (int)model.Config.Text.VocabSize);
        using var batch = new RunningBatch(model);
        var sampling = new SamplingOptions { Temperature = 2 };
        RunningCompletion[] held = [.. Enumerable.Range(0, 6).Select(
            i => new RunningCompletion(sampling, 5, i, 0) { Constraint = constraint })];
        RunningCompletion[] free = [.. Enumerable.Range(0, 6).Select(i => new RunningCompletion(sampling, 5, i, 0))];
        List<int>[] written = [.. held.Select(_ => new List<int>())];

        batch.Add(prompts, [held, free]);
        for (var step = 0; step < 5; step++)
        {
            for (var i = 0; i < held.Length; i++)
            {
                written[i].Add(held[i].Last.Token);
            }

            batch.Step();
        }

        Assert.All(written, tokens => Assert.Contains(
            tokenizer.Decode([.. tokens.TakeWhile(token => token != Stop)]), (string[])["yes", "no"]));
    }

    [Fact]
    public void Allowed_BesideTheTokenizersCut_LeavesTheOthersOut()
    {
        var (model, tokenizer) = Open();
        using var owned = model;
        var constraint = new TokenConstraint(
            new TextGrammar([["yes", "no"]]), tokenizer, [Stop], (int)model.Config.Text.VocabSize);
        int[] first = [.. new[] { "yes", "no" }.Select(text => tokenizer.Encode(text)[0])];

        Assert.Equal(first.Order(), constraint.Allowed(constraint.Start));
        foreach (var text in (string[])["yes", "no"])
        {
            var state = constraint.Start;
            foreach (var token in tokenizer.Encode(text))
            {
                Assert.Contains(token, constraint.Allowed(state));
                state = constraint.Next(state, token);
            }

            Assert.Equal([Stop], constraint.Allowed(state));
        }

        var letter = constraint.Next(constraint.Start, tokenizer.Encode("y")[0]);   // nobody is stopped from it
        Assert.Equal(-1, constraint.Next(letter, tokenizer.Encode("n")[0]));
    }

    private int Stop { get; set; }

    private (VisionLanguageModel Model, Tokenizer Tokenizer) Open()
    {
        var file = _folder.At(Tokenizer.FileName);
        BytePairLearner.Write(file, ["(12, 70) yes no (1, 7.)"], 12);
        var tokenizer = Tokenizer.Load(file);
        Stop = tokenizer.IdOf("<|im_end|>")!.Value;
        var config = Tiny.Config(VlmFamily.Qwen3Vl);
        return (VisionLanguageModel.Create(
            config with { Text = config.Text with { VocabSize = tokenizer.Size + 3 } }, seed: 7), tokenizer);
    }
}
