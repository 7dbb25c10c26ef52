using System.Numerics;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Lanes;
using PhysIntuition.Simulation.Stages;

namespace PhysIntuition.Simulation.Bundles;

/// <summary>Works through a queue with one bundle; lanes that finish are refilled at once.</summary>
internal abstract class BundleRunner : IDisposable
{
    public static BundleRunner Create(LaneWidth width) => width switch
    {
        LaneWidth.Sixteen => new BundleRunner<Lane16>(),
        LaneWidth.Eight => new BundleRunner<Lane8>(),
        _ => new BundleRunner<Lane1>(),
    };

    public abstract void Dispose();

    /// <summary>Runs until the queue is empty, with at most so many worlds at a time.</summary>
    public abstract void Run(WorldQueue queue, int maxLanes);
}

/// <inheritdoc/>
internal sealed unsafe class BundleRunner<V> : BundleRunner where V : unmanaged, ILanes<V>
{
    private readonly Bundle<V> _bundle = new();
    private readonly LaneWorld<V>[] _lanes = new LaneWorld<V>[V.Count];
    private readonly LaneRun[] _runs = new LaneRun[V.Count];
    private readonly float[] _floors = new float[V.Count];
    private int _capacity;

    public BundleRunner()
    {
        Array.Fill(_floors, float.MinValue);
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new LaneWorld<V>(_bundle, i);
        }
    }

    public override void Dispose() => _bundle.Dispose();

    public override void Run(WorldQueue queue, int maxLanes)
    {
        Prepare(queue.MaxBodies);
        var lanes = Math.Min(maxLanes, V.Count);
        while (Refill(queue, lanes))
        {
            Push(hasFrames: false);
            WorldStep<V>.Begin(_bundle);
            Push(hasFrames: true);
            WorldStep<V>.End(_bundle);
            if (queue.IsJudged)
            {
                Judge();
            }

            Retire(queue);
        }
    }

    private void Prepare(int bodies)
    {
        if (bodies > _capacity)
        {
            _bundle.Reserve(bodies);
            _capacity = bodies;
            foreach (var lane in _lanes)
            {
                lane.Clear(bodies);
            }
        }
    }

    /// <summary>Loads waiting worlds into idle lanes; false when nothing is left to do.</summary>
    private bool Refill(WorldQueue queue, int lanes)
    {
        var bodies = 0;
        var isBusy = false;
        for (var i = 0; i < lanes; i++)
        {
            var lane = _lanes[i];
            if (lane.World is null && queue.Take(out var index) is { } world)
            {
                var options = queue.OptionsOf(index);
                lane.Load(world, index, options?.FallDrop ?? 0f);
                _runs[i] = new LaneRun { Options = options, MaxSteps = queue.StepsOf(index) };
                _floors[i] = options?.FloorLimit ?? float.MinValue;
            }

            if (lane.World is not null)
            {
                isBusy = true;
                bodies = Math.Max(bodies, lane.World.Bodies.Count);
            }
        }

        _bundle.BodyCount = bodies;
        return isBusy;
    }

    private void Push(bool hasFrames)
    {
        foreach (var lane in _lanes)
        {
            if (lane.World is not null)
            {
                lane.Push(hasFrames);
            }
        }
    }

    private void Judge()
    {
        fixed (float* floors = _floors)
        {
            Judge(V.Load(floors));
        }
    }

    private void Judge(V floor)
    {
        var resting = JudgeStage<V>.Resting(_bundle);
        for (var i = 0; i < _lanes.Length; i++)
        {
            var isResting = (resting >> i & 1) != 0 && _lanes[i].World is not null && !_lanes[i].HasPushesLeft();
            _runs[i].RestingSteps = isResting ? _runs[i].RestingSteps + 1 : 0;
        }

        for (var slot = 0; slot < _bundle.BodyCount; slot++)
        {
            MarkFallen(slot, JudgeStage<V>.Fallen(_bundle.Body(slot)));
            MarkLeft(slot, JudgeStage<V>.Below(_bundle.Body(slot), floor));
        }
    }

    private void MarkFallen(int slot, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var i = BitOperations.TrailingZeroCount(lanes);
            _runs[i].Fallen |= 1UL << _lanes[i].BodyOf(slot);
        }
    }

    private void MarkLeft(int slot, uint lanes)
    {
        for (; lanes != 0; lanes &= lanes - 1)
        {
            var i = BitOperations.TrailingZeroCount(lanes);
            var body = _lanes[i].BodyOf(slot);
            _runs[i].Fallen |= 1UL << body;
            _runs[i].HasLeft = true;
            _lanes[i].Freeze(body);
        }
    }

    private void Retire(WorldQueue queue)
    {
        for (var i = 0; i < _lanes.Length; i++)
        {
            var lane = _lanes[i];
            if (lane.World is null)
            {
                continue;
            }

            lane.StepNumber++;
            ref var run = ref _runs[i];
            run.Steps++;
            var isSettled = run.Options is not null && run.RestingSteps >= EngineConstants.RestSteps;
            var isDecided = run.Fallen != 0 && run.Options is { StopAtFirstFall: true };
            if (isSettled || isDecided || run.Steps >= run.MaxSteps)
            {
                if (run.Options is { } options)
                {
                    queue.Outcomes[lane.Index] = Decide(lane, run, isSettled || isDecided, options);
                }

                lane.Unload(isSettled);
            }
        }
    }

    private Outcome Decide(LaneWorld<V> lane, in LaneRun run, bool isOver, SettleOptions options)
    {
        var ending = run.HasLeft ? Ending.Left
            : !isOver ? Ending.TimedOut
            : run.Fallen != 0 ? Ending.Fell : Ending.Settled;
        var moved = 0UL;
        var bodies = lane.World!.Bodies;
        for (var body = 0; body < bodies.Count; body++)
        {
            var way = lane.PositionOf(body) - bodies[body].Position;
            var squared = (way.X * way.X) + (way.Y * way.Y) + (way.Z * way.Z);
            moved |= squared > options.MovedDistance * options.MovedDistance ? 1UL << body : 0;
        }

        return new Outcome(ending, (float)(run.Steps / (double)EngineConstants.StepsPerSecond), run.Fallen, moved);
    }

    /// <summary>What a lane's present run has seen.</summary>
    private struct LaneRun
    {
        public SettleOptions? Options;   // null: just runs its steps
        public int MaxSteps;
        public int Steps;
        public int RestingSteps;
        public ulong Fallen;
        public bool HasLeft;
    }
}
