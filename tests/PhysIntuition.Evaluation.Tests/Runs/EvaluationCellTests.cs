using PhysIntuition.Evaluation.Models;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.Tests.Runs;

/// <summary>What a place of the table says, against what is computed by hand.</summary>
public sealed class EvaluationCellTests
{
    private static readonly RewardInfo s_anchors = new() { Random = 0.5f, Expert = 1 };

    [Fact]
    public void Of_EveryOutcome_IsCountedApartAndUndeliveredInNoMean()
    {
        var cell = EvaluationCell.Of(
        [
            Samples.Of(0, 1), Samples.Of(1, 1), Samples.Of(2, 0, SampleOutcome.Wrong),
            Samples.Of(3, 0, SampleOutcome.Unreadable), Samples.Of(4, 0, SampleOutcome.CutOff),
            Samples.Of(5, 0, SampleOutcome.Undelivered), Samples.Of(6, 0, SampleOutcome.Undelivered),
        ], s_anchors, prices: null);

        Assert.Equal((2, 1, 1, 1), (cell.Right, cell.Wrong, cell.Unreadable, cell.CutOff));
        Assert.Equal((5, 2), (cell.Delivered, cell.Undelivered));
        Assert.Equal(0.2, cell.CutOffShare, 1e-12);
        Assert.Equal(0.4, cell.Reward!.Value.Mean, 1e-12);
        Assert.Equal(5, cell.Reward.Value.Count);

        // (0.4 - 0.5) / (1 - 0.5); of the readable (2/3 - 0.5) / 0.5.
        Assert.Equal(-0.2, cell.Success!.Value, 1e-9);
        Assert.Equal(1.0 / 3, cell.SuccessGivenReadable!.Value, 1e-9);
    }

    [Fact]
    public void Of_RewardsOfZeroAndOne_HaveWilsonsInterval()
    {
        var samples = Enumerable.Range(0, 10).Select(i => Samples.Of(
            (ulong)i, i < 8 ? 1 : 0, i < 8 ? SampleOutcome.Right : SampleOutcome.Wrong)).ToArray();

        var reward = EvaluationCell.Of(samples, s_anchors, prices: null).Reward!.Value;

        // Wilson's score interval of 8 of 10: 0.4902 to 0.9433.
        Assert.Equal((0.4902, 0.9433), (Math.Round(reward.Low, 4), Math.Round(reward.High, 4)));
    }

    [Fact]
    public void Of_NothingDelivered_SaysNothingOfTheModel()
    {
        var cell = EvaluationCell.Of([Samples.Of(0, 0, SampleOutcome.Undelivered)], s_anchors, prices: null);

        Assert.Null(cell.Reward);
        Assert.Null(cell.Success);
        Assert.Null(cell.SuccessGivenReadable);
        Assert.Null(cell.PassAtK);
        Assert.Equal((0, 1, 0.0), (cell.Delivered, cell.Undelivered, cell.CutOffShare));
    }

    [Fact]
    public void Of_NothingReadable_HasNoSuccessGivenReadable()
    {
        var cell = EvaluationCell.Of([Samples.Of(0, -1, SampleOutcome.Unreadable)], s_anchors, prices: null);

        Assert.Equal(-3, cell.Success!.Value, 1e-9);
        Assert.Null(cell.SuccessGivenReadable);
    }

    [Fact]
    public void Of_Repeats_GiveTheMeanOverScenesAndPassAtK()
    {
        // Scene 0: right once of two; scene 1: never; scene 2: both times.
        EvaluationSample[] samples =
        [
            Samples.Of(0, 1), Samples.Of(0, 0, SampleOutcome.Wrong, repeat: 1),
            Samples.Of(1, 0, SampleOutcome.Wrong), Samples.Of(1, 0, SampleOutcome.Wrong, repeat: 1),
            Samples.Of(2, 1), Samples.Of(2, 1, repeat: 1),
        ];

        var cell = EvaluationCell.Of(samples, s_anchors, prices: null);

        Assert.Equal(2.0 / 3, cell.PassAtK!.Value, 1e-12);
        Assert.Equal((0.5, 3), (cell.Reward!.Value.Mean, cell.Reward.Value.Count));   // scenes, not answers
        Assert.Equal(6, cell.Delivered);
    }

    [Fact]
    public void Of_OneRepeat_HasNoPassAtK() =>
        Assert.Null(EvaluationCell.Of([Samples.Of(0, 1)], s_anchors, prices: null).PassAtK);

    [Fact]
    public void Of_Tokens_AreThoseOfAllTurnsAndCostWhatTheFileSays()
    {
        var sample = Samples.Of(0, 1) with
        {
            Exchanges =
            [
                Samples.Turn("a", new TokenCount(1000, 400, 50, 20), "gpt-2026-02-02"),
                Samples.Turn("b", new TokenCount(2000, 0, 70, 0), "gpt-2026-02-02"),
            ],
        };
        var undelivered = Samples.Of(1, 0, SampleOutcome.Undelivered) with
        {
            Exchanges = [Samples.Turn("a", new TokenCount(5, 5, 5, 5), "another")],
        };
        var prices = new Prices("2026-11-01", new() { ["gpt"] = new Price(Input: 2, Output: 10, Cached: 1) });

        var cell = EvaluationCell.Of([sample, undelivered], s_anchors, prices);

        Assert.Equal(new TokenCount(3000, 400, 120, 20), cell.Tokens);
        Assert.Equal(["gpt-2026-02-02"], cell.ServedModels);

        // 2,600 at 2, 400 at 1, 120 at 10, each per million.
        Assert.Equal((5200 + 400 + 1200) / 1e6, cell.Dollars!.Value, 1e-15);
    }

    [Fact]
    public void Of_SeveralServedModels_AreAllNamedInOrder()
    {
        EvaluationSample[] samples =
        [
            Samples.Of(0, 1) with { Exchanges = [Samples.Turn("a", default, "m-2026-02")] },
            Samples.Of(1, 1) with { Exchanges = [Samples.Turn("a", default, "m-2026-01")] },
            Samples.Of(2, 1),
        ];

        Assert.Equal(["m-2026-01", "m-2026-02"], EvaluationCell.Of(samples, s_anchors, prices: null).ServedModels);
    }
}
