using System.CommandLine;
using System.Numerics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Physics: speed at equal accuracy against other engines, and what the accuracy is.</summary>
internal sealed class SimulationArea : IArea
{
    private readonly Option<bool> _full = new("--full")
    {
        Description = "Compare 2,000 towers, 1,000 pyramids and 1,000 pushes with MuJoCo; takes some minutes.",
    };

    private readonly Option<FileInfo?> _towers = new("--towers")
    {
        Description = "Take the 768 towers from this table instead of the generator.",
    };

    private readonly Option<bool> _golden = new("--golden") { Description = "Print the golden hashes and end." };

    private readonly Option<bool> _onlyTowers = new("--only-towers")
    {
        Description = "Measure nothing but towers on one core, with 16 and with 8 lanes; half a minute.",
    };

    /// <inheritdoc/>
    public string Name => "simulation";

    /// <inheritdoc/>
    public string Summary => "Towers, pyramids and pushes: speed, accuracy, second opinions.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(_full);
        command.Options.Add(_towers);
        command.Options.Add(_golden);
        command.Options.Add(_onlyTowers);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        if (arguments.GetValue(_golden))
        {
            GoldenFigures.Print();
            return Task.CompletedTask;
        }

        var towers = arguments.GetValue(_towers) is { } file ? TowerSet.Load(file.FullName) : TowerSet.Make(256);
        if (arguments.GetValue(_onlyTowers))
        {
            SpeedFigures.AddTowersPerSecond(figures, towers, LaneWidth.Sixteen, LaneWidth.Eight);
            return Task.CompletedTask;
        }

        GoldenFigures.Add(figures);
        SpeedFigures.AddLanes(figures, towers);
        SpeedFigures.AddThreads(figures, towers);
        SpeedFigures.AddTowersPerSecond(figures, towers);
        SceneFigures.Add(figures);
        ProfileFigures.Add(figures, towers);
        AccuracyFigures.AddExactness(figures, arguments.GetValue(_towers) is null ? TowerSet.Make(800) : towers);
        AccuracyFigures.AddCreep(figures, towers);
        AddMujoco(figures, towers, arguments.GetValue(_full));
        return Task.CompletedTask;
    }

    private static void AddMujoco(Figures figures, TowerSet towers, bool isFull)
    {
        if (MujocoSimulator.WhyMissing is { } why)
        {
            Console.Error.WriteLine($"Skipped: {why}");
            return;
        }

        MujocoFigures.AddSpeed(figures, isFull ? towers : towers.Every(4));
        MujocoFigures.AddAgreement(figures, isFull);
    }
}

/// <summary>Outcomes against the exact criterion, and how quietly towers stand.</summary>
internal static class AccuracyFigures
{
    private const double Far = 0.05, Near = 0.01;   // shares of the width

    /// <summary>Agreement with the exact criterion by margin.</summary>
    public static void AddExactness(Figures figures, TowerSet towers)
    {
        var falls = towers.Judge(Engines.Wide(threads: 0));
        figures.Add("exact_all", towers.ShareRight(falls, -1, 1), "", Mark.AtLeast(0.997));
        figures.Add("exact_above_5pct", towers.ShareRight(falls, Far, 1), "", Mark.AtLeast(0.999));
        figures.Add("exact_1_to_5pct", towers.ShareRight(falls, Near, Far), "", Mark.AtLeast(0.99));
        figures.Add("exact_below_1pct", towers.ShareRight(falls, -1, Near));
        figures.Add("exact_towers", towers.Worlds.Length);
    }

    /// <summary>How far standing towers drift sideways in two seconds.</summary>
    public static void AddCreep(Figures figures, TowerSet towers)
    {
        var ends = towers.Copies();
        Engines.Wide(threads: 0).Advance(ends, 2f);
        var creep = Enumerable.Range(0, ends.Length)
            .Where(i => towers.Margins[i] > Far)
            .Select(i => 1000 * SidewaysDrift(towers.Worlds[i], ends[i]))
            .ToArray();
        figures.Add("creep_median_mm", Statistics.Median(creep), "mm", Mark.AtMost(0.1));
        figures.Add("creep_p99_mm", Statistics.Quantile(creep, 0.99), "mm", Mark.AtMost(3));
    }

    private static double SidewaysDrift(World start, World end) =>
        Enumerable.Range(0, start.Bodies.Count).Max(i =>
        {
            var drift = end.Bodies[i].Position - start.Bodies[i].Position;
            return (double)new Vector2(drift.X, drift.Z).Length();
        });
}

/// <summary>Scenes of the tasks, arranged, settled and judged.</summary>
internal static class SceneFigures
{
    private const int Rounds = 3;
    private const int Slots = 4096;   // scenes arranged together

    // Their scenes are pictures alone.
    private static readonly string[] s_notSimulated = ["Ssl", "RealTowers"];

    /// <summary>Stability-v1 by the clock, and every task by what one core does of it.</summary>
    public static void Add(Figures figures)
    {
        figures.AddMedian(
            "scenes_per_second", Rates(TaskCatalog.Find("Stability-v1"), Clock.WallSeconds), "1/s",
            Mark.AtLeast(4000));
        var rates = TaskCatalog.All
            .Where(task => !s_notSimulated.Any(task.Spec.Name.StartsWith))
            .ToDictionary(task => task.Spec.Id, task => Statistics.Median(Rates(task, Clock.CpuSeconds)));
        foreach (var (task, rate) in rates)
        {
            figures.Add($"scenes_per_cpu_second_{task}", rate, "1/s");
        }

        figures.Add(
            "slowest_task_vs_stability", rates.Values.Min() / rates["Stability-v1"], "", Mark.AtLeast(0.1));
    }

    private static double[] Rates(ITask task, Func<Action, double> measure)
    {
        var batch = new EnvironmentBatch(task, new() { Slots = Slots }, Engines.Wide(threads: 0));
        var seed = 0ul;
        var seconds = Clock.Rounds(Rounds, measure, () => batch.Reset(seed += Slots));
        return [.. seconds[0].Select(s => Slots / s)];
    }
}
