using System.CommandLine;
using System.Globalization;
using PhysIntuition.Evaluation.Runs;
using PhysIntuition.Leaderboard.Statistics;

namespace PhysIntuition.Evaluation.Commands;

/// <summary>eval compare A B: sets two runs side by side on the scenes that both have.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("first") { Description = "A run's folder." };
        var second = new Argument<string>("second") { Description = "Another's." };
        var command = new Command("compare", "Set two runs side by side, with paired tests.") { first, second };
        command.SetAction(parsed =>
        {
            var (a, b) = (RunFolder.Read(parsed.GetValue(first)!), RunFolder.Read(parsed.GetValue(second)!));
            foreach (var line in Lines(a, b))
            {
                Console.WriteLine(line);
            }
        });
        return command;
    }

    /// <summary>A line for each pair of models on each task: means, difference with interval, p.</summary>
    /// <exception cref="ArgumentException">The runs have no scene in common.</exception>
    public static IEnumerable<string> Lines(
        IReadOnlyList<EvaluationSample> first, IReadOnlyList<EvaluationSample> second)
    {
        var pairs = (from a in Means(first)
            from b in Means(second)
            where a.Key.Task == b.Key.Task && a.Key.Split == b.Key.Split && a.Key.Examples == b.Key.Examples
            let common = a.Value.Keys.Intersect(b.Value.Keys).Order().ToArray()
            where common.Length > 0
            select (A: a, B: b, Common: common)).ToArray();
        if (pairs.Length == 0)
        {
            throw new ArgumentException(
                "The two runs have no scene in common; ask both about the same tasks and split.");
        }

        yield return $"{"task",-28} {"first",-20} {"second",-20} {"n",5}  means           difference (95 %)         p";
        foreach (var (a, b, common) in pairs)
        {
            double[] x = [.. common.Select(seed => a.Value[seed])];
            double[] y = [.. common.Select(seed => b.Value[seed])];
            var test = PairedTest.Of(x, y);
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{a.Key.Task + (a.Key.Split == "test" ? "" : " " + a.Key.Split),-28} {a.Key.Model,-20} "
                + $"{b.Key.Model,-20} {common.Length,5}  {x.Average(),6:0.000} {y.Average(),6:0.000}  "
                + $"{test.Difference.Mean,7:0.000} ({test.Difference.Low:0.000} to {test.Difference.High:0.000})  "
                + $"{test.PValue:0.0000} {test.Test}");
        }
    }

    /// <summary>Mean reward of every scene, by cell.</summary>
    private static Dictionary<(string Model, string Task, string Split, int Examples), Dictionary<ulong, double>> Means(
        IReadOnlyList<EvaluationSample> samples) => samples.Where(sample => sample.Outcome != Outcome.Undelivered)
        .GroupBy(sample => (sample.Key.Model, sample.Key.Task, sample.Key.Split, sample.Key.Examples))
        .ToDictionary(cell => cell.Key, cell => cell.GroupBy(sample => sample.Key.Seed)
            .ToDictionary(scene => scene.Key, scene => scene.Average(sample => sample.Reward)));
}
