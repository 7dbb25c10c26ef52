using System.Diagnostics;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Bundles;
using PhysIntuition.Simulation.Lanes;
using PhysIntuition.Simulation.Stages;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>What the time of a step goes to.</summary>
internal enum Phase
{
    Collision,
    ColdStart,
    SoftPass,
    RigidPass,
    Shock,
    Impacts,
    Motion,
}

/// <summary>Drives one bundle through <see cref="WorldStep{V}"/>'s stages with a stopwatch between them.</summary>
internal sealed class StagedRun<V> : IDisposable where V : unmanaged, ILanes<V>
{
    private readonly Bundle<V> _bundle = new(StepSettings.Default);
    private readonly long[] _ticks = new long[Enum.GetValues<Phase>().Length];
    private long _last;

    /// <summary>Loads at most as many worlds as there are lanes.</summary>
    public StagedRun(World[] worlds)
    {
        var most = worlds.Max(world => world.Bodies.Count);
        _bundle.Reserve(most);
        for (var i = 0; i < V.Count; i++)
        {
            var lane = new LaneWorld<V>(_bundle, i);
            lane.Clear(most);
            if (i < worlds.Length)
            {
                lane.Load(worlds[i], i, _bundle.Settings.StepsPerSecond, fallDrop: 1f);
            }
        }

        _bundle.BodyCount = most;
    }

    /// <summary>Seconds spent in a phase so far.</summary>
    public double SecondsIn(Phase phase) => _ticks[(int)phase] / (double)Stopwatch.Frequency;

    public void Dispose() => _bundle.Dispose();

    /// <summary>One step; keep it equal to <see cref="WorldStep{V}"/>.</summary>
    public void Step()
    {
        _last = Stopwatch.GetTimestamp();
        WorldStep<V>.Begin(_bundle);
        Note(Phase.Motion);
        CollisionStage<V>.Run(_bundle);
        Note(Phase.Collision);
        ColdStart<V>.Run(_bundle);
        Note(Phase.ColdStart);
        for (var substep = 0; substep < _bundle.Settings.Substeps; substep++)
        {
            BodyStage<V>.Accelerate(_bundle);
            Note(Phase.Motion);
            var impacts = BounceStage<V>.Find(_bundle);
            Note(Phase.Impacts);
            ContactSolver<V>.Soft(_bundle);
            Note(Phase.SoftPass);
            BounceStage<V>.Level(_bundle, impacts);
            Note(Phase.Impacts);
            BodyStage<V>.Move(_bundle);
            Note(Phase.Motion);
            ContactSolver<V>.Rigid(_bundle);
            Note(Phase.RigidPass);
            ShockStage<V>.Run(_bundle, V.Not(impacts));
            Note(Phase.Shock);
            BounceStage<V>.Forget(_bundle, impacts);
            Note(Phase.Impacts);
        }

        BodyStage<V>.End(_bundle);
        Note(Phase.Motion);
    }

    private void Note(Phase phase)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(int)phase] += now - _last;
        _last = now;
    }
}
