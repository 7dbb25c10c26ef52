using System.CommandLine;
using System.Globalization;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Lists and draws scenes on which our engine, MuJoCo and the exact criterion disagree.</summary>
internal sealed class DisagreementsArea : IArea
{
    private readonly Option<bool> _full = new("--full")
    {
        Description = "All 2,000 towers, 1,000 pyramids and 1,000 pushes; takes some minutes.",
    };

    private readonly Option<DirectoryInfo?> _pictures = new("--pictures")
    {
        Description = "Draw each listed scene into this folder: before, our end, MuJoCo's end.",
    };

    /// <inheritdoc/>
    public string Name => "disagreements";

    /// <inheritdoc/>
    public string Summary => "Scenes on which the engines or the exact criterion disagree.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(_full);
        command.Options.Add(_pictures);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var isFull = arguments.GetValue(_full);
        ListExact(figures, TowerSet.Make(isFull ? 667 : 256));
        Comparison[] comparisons =
            [MujocoFigures.Tower(isFull), MujocoFigures.Pyramid(isFull), MujocoFigures.Push(isFull)];
        foreach (var comparison in comparisons)
        {
            int[] scenes =
            [
                .. comparison.Family == "push" ? comparison.DecidedDisagreements : comparison.Contradictions,
            ];
            List(comparison, scenes);
            figures.Add($"{comparison.Family}_scenes", comparison.Starts.Length);
            figures.Add($"{comparison.Family}_disagreements", scenes.Length);
            figures.Add($"{comparison.Family}_undecided", comparison.ShareUndecided);
            figures.Add($"{comparison.Family}_same_class_all", comparison.ShareSame);
            if (arguments.GetValue(_pictures) is { } folder)
            {
                DisagreementPictures.Save(comparison, scenes.Take(24), folder.FullName);
            }
        }

        return Task.CompletedTask;
    }

    private static void ListExact(Figures figures, TowerSet towers)
    {
        var falls = towers.Judge(Engines.Wide(threads: 0));
        var wrong = Enumerable.Range(0, towers.Worlds.Length)
            .Where(i => falls[i] != towers.Margins[i] < 0)
            .ToArray();
        foreach (var i in wrong)
        {
            Console.Out.WriteLine(
                $"tower {i}: {towers.Worlds[i].Bodies.Count} blocks, exact margin {Percent(towers.Margins[i])}, "
                + (falls[i] ? "falls here" : "stands here"));
        }

        figures.Add("exact_scenes", towers.Worlds.Length);
        figures.Add("exact_disagreements", wrong.Length);
    }

    private static void List(Comparison comparison, int[] scenes)
    {
        foreach (var i in scenes)
        {
            var margin = StaticMargin.Of(Unpushed(comparison.Starts[i]));
            Console.Out.WriteLine(
                $"{comparison.Family} {i}: {comparison.Starts[i].Bodies.Count} blocks, margin {Percent(margin.Value)} "
                + $"({margin.Kind}); here {Words(comparison.Ours[i])}, MuJoCo {Words(comparison.Theirs[i])}");
        }
    }

    private static string Words(Verdict verdict) => verdict.HasFallen
        ? $"fallen {verdict.FallenBodies:x} turned {verdict.TurnedBodies:x}"
        : "all stand";

    private static string Percent(float share) =>
        (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %";

    private static World Unpushed(World world)
    {
        var copy = TowerSet.Copies([world])[0];
        copy.Pushes.Clear();
        return copy;
    }
}
