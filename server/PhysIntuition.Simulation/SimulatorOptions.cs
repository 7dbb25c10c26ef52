using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation;

/// <summary>How the engine uses the machine. No option changes a bit of any result.</summary>
public sealed record SimulatorOptions
{
    /// <summary>Worlds that one register holds.</summary>
    public LaneWidth LaneWidth { get; init; } = LaneWidth.Widest;

    /// <summary>Threads of one call, in [1, 1024]; 0 takes all cores.</summary>
    public int Threads { get; init; }
}
