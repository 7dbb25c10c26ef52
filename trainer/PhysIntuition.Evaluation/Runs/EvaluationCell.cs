using PhysIntuition.Leaderboard;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>One place of the table: a model on a task and split.</summary>
public sealed record EvaluationCell
{
    /// <summary>The model's label.</summary>
    public required string Model { get; init; }

    /// <summary>With version.</summary>
    public required string Task { get; init; }

    /// <summary>"test", "test/tall-v1".</summary>
    public required string Split { get; init; }

    /// <summary>Solved scenes shown first.</summary>
    public required int Examples { get; init; }

    /// <summary>Answers delivered.</summary>
    public required int Delivered { get; init; }

    /// <summary>Answers as good as the expert's.</summary>
    public required int Right { get; init; }

    /// <summary>Answers that could be read and earned less.</summary>
    public required int Wrong { get; init; }

    /// <summary>Whole answers that could not be read.</summary>
    public required int Unreadable { get; init; }

    /// <summary>Empty answers, and those that ended with their tokens.</summary>
    public required int CutOff { get; init; }

    /// <summary>Questions whose answer never came; --resume asks them again.</summary>
    public required int Undelivered { get; init; }

    /// <summary>Mean reward of what was delivered, with its 95 % interval over scenes; null: nothing was.</summary>
    public Interval? Reward { get; init; }

    /// <summary>Where the reward lies between a random player's, 0, and the expert's, 1.</summary>
    public double? Success { get; init; }

    /// <summary>Success of the readable answers alone.</summary>
    public double? SuccessGivenReadable { get; init; }

    /// <summary>Share of scenes that any of the repeats answered right; null with one repeat.</summary>
    public double? PassAtK { get; init; }

    /// <summary>The dated ids that the server answered with.</summary>
    public required IReadOnlyList<string> ServedModels { get; init; }

    /// <summary>Tokens of all requests, those answered from the cache included.</summary>
    public required TokenCount Tokens { get; init; }

    /// <summary>What the tokens cost; null without prices.</summary>
    public double? Dollars { get; init; }

    /// <summary>Share of the delivered answers that could be read; null: nothing was.</summary>
    public double? Readable => Delivered == 0 ? null : (Right + Wrong) / (double)Delivered;

    /// <summary>Share of the delivered answers that were empty or cut.</summary>
    public double CutOffShare => Delivered == 0 ? 0 : CutOff / (double)Delivered;

    /// <summary>Sums up a cell's samples.</summary>
    /// <param name="samples">In the order of their keys; at least one.</param>
    /// <param name="anchors">What a random player and the expert earn on average.</param>
    /// <param name="prices">Null: no dollars.</param>
    public static EvaluationCell Of(IReadOnlyList<EvaluationSample> samples, RewardInfo anchors, Prices? prices)
    {
        var key = samples[0].Key;
        EvaluationSample[] delivered = [.. samples.Where(sample => sample.Outcome != SampleOutcome.Undelivered)];
        EvaluationSample[] readable = [.. delivered.Where(
            sample => sample.Outcome is SampleOutcome.Right or SampleOutcome.Wrong)];
        double[] scenes = [.. delivered.GroupBy(sample => sample.Key.Seed)
            .Select(scene => scene.Average(sample => sample.Reward))];
        string[] served = [.. delivered.SelectMany(sample => sample.Exchanges)
            .Select(exchange => exchange.ServedModel).Where(id => id.Length > 0).Distinct()
            .Order(StringComparer.Ordinal)];
        var tokens = delivered.SelectMany(sample => sample.Exchanges)
            .Aggregate(default(TokenCount), (sum, exchange) => sum + exchange.Tokens);
        var byScene = delivered.GroupBy(sample => sample.Key.Seed).ToArray();
        return new EvaluationCell
        {
            Model = key.Model, Task = key.Task, Split = key.Split, Examples = key.Examples,
            Delivered = delivered.Length, Undelivered = samples.Count - delivered.Length,
            Right = Count(SampleOutcome.Right), Wrong = Count(SampleOutcome.Wrong),
                Unreadable = Count(SampleOutcome.Unreadable),
            CutOff = Count(SampleOutcome.CutOff),
            Reward = scenes.Length == 0 ? null : Interval.Of(scenes),
            Success = SuccessOf(delivered), SuccessGivenReadable = SuccessOf(readable),
            PassAtK = byScene.Any(scene => scene.Count() > 1)
                ? byScene.Average(scene => scene.Any(sample => sample.Outcome == SampleOutcome.Right) ? 1.0 : 0)
                : null,
            ServedModels = served, Tokens = tokens,
            Dollars = served.Length == 0 ? null : prices?.Of(served[0], tokens),
        };

        int Count(SampleOutcome outcome) => delivered.Count(sample => sample.Outcome == outcome);
        double? SuccessOf(EvaluationSample[] of) => of.Length == 0
            ? null
            : (of.Average(sample => sample.Reward) - anchors.Random) / (anchors.Expert - anchors.Random);
    }
}
