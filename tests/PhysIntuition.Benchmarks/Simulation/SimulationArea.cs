using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.SecondOpinions.Mujoco;

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
