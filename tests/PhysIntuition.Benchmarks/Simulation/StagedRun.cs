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

/// <summary>Drives a bundle, or two, through <see cref="WorldStep{V}"/> with a stopwatch between the stages.</summary>
internal sealed class StagedRun<V> : IDisposable where V : unmanaged, ILanes<V>
{
    private static readonly int s_phases = Enum.GetValues<Phase>().Length;

    private readonly Bundle<V> _x = new();
    private readonly Bundle<V>? _y;
    private readonly long[] _ticks;   // [step, phase]
    private int _step;
    private long _last;

    /// <summary>Loads at most as many worlds as two bundles have lanes, runs so many steps, copies them back.</summary>
    public StagedRun(World[] worlds, int steps)
    {
        _ticks = new long[steps * s_phases];
        var lanes = Load(_x, worlds.AsSpan(0, Math.Min(worlds.Length, V.Count)));
        if (worlds.Length > V.Count)
        {
            _y = new();
            lanes = [.. lanes, .. Load(_y, worlds.AsSpan(V.Count))];
        }

        for (; _step < steps; _step++)
        {
            Step();
        }

        foreach (var lane in lanes)
        {
            lane.StepNumber += steps;
            lane.Unload(atRest: false);
        }
    }

    /// <summary>Stopwatch ticks at [step, phase].</summary>
    public ReadOnlySpan<long> Ticks => _ticks;

    public void Dispose()
    {
        _x.Dispose();
        _y?.Dispose();
    }

    private static LaneWorld<V>[] Load(Bundle<V> bundle, ReadOnlySpan<World> worlds)
    {
        var bodies = 0;
        foreach (var world in worlds)
        {
            bodies = Math.Max(bodies, world.Bodies.Count);
        }

        bundle.Reserve(bodies);
        bundle.BodyCount = bodies;
        var lanes = Enumerable.Range(0, V.Count).Select(i => new LaneWorld<V>(bundle, i)).ToArray();
        foreach (var lane in lanes)
        {
            lane.Clear(bodies);
        }

        for (var i = 0; i < worlds.Length; i++)
        {
            lanes[i].Load(worlds[i], i, fallDrop: 1f);
        }

        return lanes[..worlds.Length];
    }

    // The same stages as WorldStep, which the caller checks.
    private void Step()
    {
        _last = Stopwatch.GetTimestamp();
        Each(WorldStep<V>.Begin, Phase.Motion);
        Each(CollisionStage<V>.Run, Phase.Collision);
        Each(ColdStart<V>.Run, Phase.ColdStart);
        for (var substep = 0; substep < EngineConstants.Substeps; substep++)
        {
            Each(BodyStage<V>.Accelerate, Phase.Motion);
            var impactsX = BounceStage<V>.Find(_x);
            var impactsY = _y is null ? V.Zero : BounceStage<V>.Find(_y);
            Note(Phase.Impacts);
            ContactSolver<V>.Soft(_x, _y);
            Note(Phase.SoftPass);
            Each(bundle => BounceStage<V>.Level(bundle, bundle == _x ? impactsX : impactsY), Phase.Impacts);
            Each(BodyStage<V>.Move, Phase.Motion);
            ContactSolver<V>.Rigid(_x, _y);
            Note(Phase.RigidPass);
            ShockStage<V>.Run(_x, V.Not(impactsX), _y, V.Not(impactsY));
            Note(Phase.Shock);
            Each(bundle => BounceStage<V>.Clear(bundle, bundle == _x ? impactsX : impactsY), Phase.Impacts);
        }

        Each(BodyStage<V>.End, Phase.Motion);
    }

    private void Each(Action<Bundle<V>> stage, Phase phase)
    {
        stage(_x);
        if (_y is not null)
        {
            stage(_y);
        }

        Note(phase);
    }

    private void Note(Phase phase)
    {
        var now = Stopwatch.GetTimestamp();
        _ticks[(_step * s_phases) + (int)phase] += now - _last;
        _last = now;
    }
}
