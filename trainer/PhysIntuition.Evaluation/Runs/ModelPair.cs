using PhysIntuition.Leaderboard;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>Two models on the scenes that both were asked about: a paired test.</summary>
/// <param name="Task">With version.</param>
/// <param name="Split">"test", "test/tall-v1".</param>
/// <param name="Examples">Solved scenes shown first.</param>
/// <param name="First">A model's label.</param>
/// <param name="Second">Another's.</param>
/// <param name="FirstMean">Mean reward of the first.</param>
/// <param name="SecondMean">Mean reward of the second.</param>
/// <param name="Difference">First minus second, with its 95 % interval over scenes.</param>
/// <param name="PValue">Two-sided, not corrected for the number of pairs.</param>
/// <param name="Test">"mcnemar-exact" for rewards of 0 and 1, else "sign-flip".</param>
public sealed record ModelPair(
    string Task, string Split, int Examples, string First, string Second, double FirstMean, double SecondMean,
    Interval Difference, double PValue, string Test)
{
    /// <summary>Every model of one table against those after it.</summary>
    public static IReadOnlyList<ModelPair> Within(IReadOnlyList<EvaluationSample> samples) =>
        Of(samples, samples, (first, second) => string.CompareOrdinal(first, second) < 0);

    /// <summary>Every model of one run against every one of another.</summary>
    public static IReadOnlyList<ModelPair> Between(
        IReadOnlyList<EvaluationSample> first, IReadOnlyList<EvaluationSample> second) =>
        Of(first, second, (_, _) => true);

    private static ModelPair[] Of(
        IReadOnlyList<EvaluationSample> first, IReadOnlyList<EvaluationSample> second,
        Func<string, string, bool> isWanted) =>
        [.. from a in Means(first)
            from b in Means(second)
            where a.Key.Task == b.Key.Task && a.Key.Split == b.Key.Split && a.Key.Examples == b.Key.Examples
                && isWanted(a.Key.Model, b.Key.Model)
            let common = a.Value.Keys.Intersect(b.Value.Keys).Order().ToArray()
            where common.Length > 0
            let x = common.Select(seed => a.Value[seed]).ToArray()
            let y = common.Select(seed => b.Value[seed]).ToArray()
            let test = PairedTest.Of(x, y)
            select new ModelPair(a.Key.Task, a.Key.Split, a.Key.Examples, a.Key.Model, b.Key.Model, x.Average(),
                y.Average(), test.Difference, test.PValue, test.Test)];

    /// <summary>Mean reward of every scene, by cell.</summary>
    private static Dictionary<(string Model, string Task, string Split, int Examples), Dictionary<ulong, double>> Means(
        IReadOnlyList<EvaluationSample> samples) => RunFolder.Ordered(samples)
        .Where(sample => sample.Outcome != SampleOutcome.Undelivered)
        .GroupBy(sample => (sample.Key.Model, sample.Key.Task, sample.Key.Split, sample.Key.Examples))
        .ToDictionary(cell => cell.Key, cell => cell.GroupBy(sample => sample.Key.Seed)
            .ToDictionary(scene => scene.Key, scene => scene.Average(sample => sample.Reward)));
}
