using PhysIntuition.Evaluation.Runs;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>Two models on common scenes, against tests computed by hand.</summary>
public sealed class ModelPairTests
{
    [Fact]
    public void Within_FiveDiscordantScenesOneWay_HaveMcNemarsExactP()
    {
        EvaluationSample[] samples =
        [
            .. Enumerable.Range(0, 8).Select(i => Samples.Of((ulong)i, 1, model: "a")),
            .. Enumerable.Range(0, 8).Select(i => Samples.Of((ulong)i, i < 3 ? 1 : 0, model: "b")),
        ];

        var pair = Assert.Single(ModelPair.Within(samples));

        Assert.Equal(("a", "b", "mcnemar-exact"), (pair.First, pair.Second, pair.Test));
        Assert.Equal((1.0, 0.375), (pair.FirstMean, pair.SecondMean));
        Assert.Equal(0.625, pair.Difference.Mean, 1e-12);
        Assert.Equal(2 * Math.Pow(0.5, 5), pair.PValue, 1e-9);   // both tails of five tosses
    }

    [Fact]
    public void Within_AsManyWonAsLost_HasPOne()
    {
        EvaluationSample[] samples =
        [
            Samples.Of(0, 1, model: "a"), Samples.Of(1, 0, model: "a"),
            Samples.Of(0, 0, model: "b"), Samples.Of(1, 1, model: "b"),
        ];

        var pair = Assert.Single(ModelPair.Within(samples));

        Assert.Equal((0.0, 1.0), (pair.Difference.Mean, Math.Round(pair.PValue, 9)));
    }

    [Fact]
    public void Within_ScenesThatOneWasNotAnswered_CountForNeither()
    {
        EvaluationSample[] samples =
        [
            Samples.Of(0, 1, model: "a"), Samples.Of(1, 1, model: "a"), Samples.Of(2, 1, model: "a"),
            Samples.Of(0, 0, model: "b"), Samples.Of(1, 0, SampleOutcome.Undelivered, model: "b"),
            Samples.Of(7, 1, model: "b"),
        ];

        var pair = Assert.Single(ModelPair.Within(samples));

        Assert.Equal((1, 1.0, 0.0), (pair.Difference.Count, pair.FirstMean, pair.SecondMean));
    }

    [Fact]
    public void Within_Repeats_AreOneMeanForEachScene()
    {
        EvaluationSample[] samples =
        [
            Samples.Of(0, 1, model: "a"), Samples.Of(0, 0, model: "a", repeat: 1),
            Samples.Of(0, 1, model: "b"), Samples.Of(0, 1, model: "b", repeat: 1),
        ];

        var pair = Assert.Single(ModelPair.Within(samples));

        Assert.Equal((0.5, 1.0, 1), (pair.FirstMean, pair.SecondMean, pair.Difference.Count));
        Assert.Equal("sign-flip", pair.Test);   // 0.5 is neither 0 nor 1
    }

    [Theory]
    [InlineData("Offset-v1", "test", 0)]
    [InlineData("Stability-v1", "test/tall-v1", 0)]
    [InlineData("Stability-v1", "test", 3)]
    public void Within_AnotherTaskSplitOrNumberOfExamples_IsNoPair(string task, string split, int examples) =>
        Assert.Empty(ModelPair.Within(
        [
            Samples.Of(0, 1, model: "a"),
            Samples.Of(0, 1, model: "b", task: task, split: split, examples: examples),
        ]));

    [Fact]
    public void Within_ThreeModels_HasEveryTwoOnceInOrder() => Assert.Equal(
        ["a/b", "a/c", "b/c"],
        ModelPair.Within([.. "cab".Select(letter => Samples.Of(0, 1, model: $"{letter}"))])
            .Select(pair => $"{pair.First}/{pair.Second}"));

    [Fact]
    public void Between_TheSameLabelInTwoRuns_IsAPair()
    {
        var pair = Assert.Single(ModelPair.Between([Samples.Of(0, 1)], [Samples.Of(0, 0)]));

        Assert.Equal(("m", "m", 1.0), (pair.First, pair.Second, pair.Difference.Mean));
    }

    [Fact]
    public void Lines_OfPairs_NameTheSuiteAndTheTest()
    {
        var lines = CompareCommand.Lines(ModelPair.Between(
            [Samples.Of(0, 1, split: "test/tall-v1")], [Samples.Of(0, 0, split: "test/tall-v1")])).ToArray();

        Assert.Equal(2, lines.Length);
        Assert.StartsWith("Stability-v1 test/tall-v1", lines[1]);
        Assert.Contains(" 1.000  0.000 ", lines[1]);
        Assert.EndsWith("1.0000 mcnemar-exact", lines[1]);
    }

    [Fact]
    public void Lines_WithoutACommonScene_SayWhatToDo()
    {
        var refused = Assert.Throws<ArgumentException>(() => CompareCommand.Lines([]).ToArray());

        Assert.Contains("ask both about the same tasks", refused.Message);
    }
}
