using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>The engines that are compared.</summary>
internal static class Engines
{
    /// <summary>Ours on one thread at a lane width.</summary>
    public static BatchSimulator OnOneThread(LaneWidth width) => new(new() { LaneWidth = width, Threads = 1 });

    /// <summary>Ours on the machine's widest registers.</summary>
    public static BatchSimulator Wide(int threads) => new(new() { Threads = threads });

    /// <summary>MuJoCo, or a fault that says how to get it.</summary>
    public static MujocoSimulator Mujoco(MujocoSettings settings) => MujocoSimulator.WhyMissing is { } why
        ? throw new SkippedException(why)
        : new(settings);
}
