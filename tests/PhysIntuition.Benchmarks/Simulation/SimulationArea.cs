using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Physics: speed at equal accuracy against other engines, and what the accuracy is.</summary>
internal sealed class SimulationArea : IArea
{
    /// <inheritdoc/>
    public string Name => "simulation";

    /// <inheritdoc/>
    public string Summary => "Towers, pyramids and pushes: speed, accuracy, second opinions.";

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation) => Task.CompletedTask;
}
