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
    private static readonly int s_phases = Enum.GetValues<Phase>().Length;

    private readonly Bundle<V> _bundle = new();
    private readonly LaneWorld<V>[] _lanes = new LaneWorld<V>[V.Count];
    private readonly long[] _ticks;   // [step, phase]
    private int _step;
    private long _last;

    /// <summary>Loads at most as many worlds as there are lanes, runs so many steps, copies the worlds back.</summary>
    public StagedRun(World[] worlds, int steps)
    {
        _ticks = new long[steps * s_phases];
        var maxBodies = worlds.Max(world => world.Bodies.Count);
        _bundle.Reserve(maxBodies);
        for (var i = 0; i < V.Count; i++)
        {
            _lanes[i] = new(_bundle, i);
            _lanes[i].Clear(maxBodies);
            if (i < worlds.Length)
            {
                _lanes[i].Load(worlds[i], i, fallDrop: 1f);
            }
        }

        _bundle.BodyCount = maxBodies;
        for (; _step < steps; _step++)
        {
            Step();
        }

        foreach (var lane in _lanes.Where(lane => lane.World is not null))
        {
            lane.StepNumber += steps;
            lane.Unload(atRest: false);
        }
    }

    /// <summary>Stopwatch ticks at [step, phase].</summary>
    public ReadOnlySpan<long> Ticks => _ticks;

    public void Dispose() => _bundle.Dispose();

    // The same stages as WorldStep, which the caller checks.
    private void Step()
    {
        _last = Stopwatch.GetTimestamp();
        WorldStep<V>.Begin(_bundle);
        Note(Phase.Motion);
        CollisionStage<V>.Run(_bundle);
        Note(Phase.Collision);
        ColdStart<V>.Run(_bundle);
        Note(Phase.ColdStart);
        for (var substep = 0; substep < EngineConstants.Substeps; substep++)
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
            BounceStage<V>.Clear(_bundle, impacts);
            Note(Phase.Impacts);
        }

        BodyStage<V>.End(_bundle);
        Note(Phase.Motion);
    }

    private void Note(Phase phase)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(_step * s_phases) + (int)phase] += now - _last;
        _last = now;
    }
}
