using System.CommandLine;
using System.Globalization;

namespace PhysIntuition.Evaluation;

/// <summary>eval compare A [B]: sets models side by side on the scenes that both were asked about.</summary>
internal static class CompareCommand
{
    public static Command Create()
    {
        var first = new Argument<string>("first") { Description = "A run's folder." };
        var second = new Argument<string?>("second")
        {
            Description = "Another's; without it the models of the first are set side by side.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("compare", "Set models side by side, with paired tests.") { first, second };
        command.SetAction(parsed =>
        {
            var samples = RunFolder.Read(parsed.GetValue(first)!);
            var pairs = parsed.GetValue(second) is { } other
                ? ModelPair.Between(samples, RunFolder.Read(other))
                : ModelPair.Within(samples);
            foreach (var line in Lines(pairs))
            {
                Console.WriteLine(line);
            }
        });
        return command;
    }

    /// <summary>A line for each pair of models on each task: means, difference with interval, p.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static IEnumerable<string> Lines(IReadOnlyList<ModelPair> pairs)
    {
        if (pairs.Count == 0)
        {
            throw new ArgumentException(
                "No two models have a scene in common; ask both about the same tasks and split.");
        }

        yield return $"{"task",-28} {"first",-20} {"second",-20} {"n",5}  means           difference (95 %)         p";
        foreach (var pair in pairs)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"{pair.Task + (pair.Split == "test" ? "" : " " + pair.Split),-28} {pair.First,-20} "
                + $"{pair.Second,-20} {pair.Difference.Count,5}  {pair.FirstMean,6:0.000} {pair.SecondMean,6:0.000}  "
                + $"{pair.Difference.Mean,7:0.000} ({pair.Difference.Low:0.000} to {pair.Difference.High:0.000})  "
                + $"{pair.PValue:0.0000} {pair.Test}");
        }
    }
}
