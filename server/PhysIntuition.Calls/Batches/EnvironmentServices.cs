using PhysIntuition.Rendering;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Batches;

/// <summary>What environments share.</summary>
internal sealed record EnvironmentServices(
    ISimulator Simulator, IRenderer Renderer, Scheduler Scheduler, Quota Quota, HeldoutSeeds Heldout,
    SnapshotSeal Seal, ServerMetrics Metrics);
