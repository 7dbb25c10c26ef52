namespace PhysIntuition.Simulation.Bundles;

/// <summary>A bundle with the worlds in its lanes, and what their present runs have seen.</summary>
internal sealed unsafe class BundleLanes<V> : IDisposable where V : unmanaged, ILanes<V>
{
    private readonly LaneWorld<V>[] _lanes = new LaneWorld<V>[V.Count];
    private readonly LaneRun[] _runs = new LaneRun[V.Count];
    private readonly float[] _floors = new float[V.Count];
    private int _capacity;

    public BundleLanes()
    {
        Array.Fill(_floors, float.MinValue);
        for (var i = 0; i < _lanes.Length; i++)
        {
            _lanes[i] = new LaneWorld<V>(Bundle, i);
        }
    }

    public Bundle<V> Bundle { get; } = new();

    /// <summary>Lanes with a world.</summary>
    public int Busy { get; private set; }

    public void Dispose() => Bundle.Dispose();

    /// <summary>Begins a step.</summary>
    public void Begin()
    {
        Push(hasFrames: false);
        WorldStep<V>.Begin(Bundle);
        Push(hasFrames: true);
    }

    /// <summary>After a step: judges the worlds, gives back those that are over.</summary>
    public void End(WorldQueue queue)
    {
        if (queue.IsJudged)
        {
            Judge();
        }

        Retire(queue);
    }

    /// <summary>Makes room for worlds of this many bodies.</summary>
    public void Prepare(int bodies)
    {
        if (bodies > _capacity)
        {
            Bundle.Reserve(bodies);
            _capacity = bodies;
            foreach (var lane in _lanes)
            {
                lane.Clear(bodies);
            }
        }
    }

    /// <summary>Takes all worlds of other lanes; there must be as many idle ones here.</summary>
    public void TakeOver(BundleLanes<V> other)
    {
        var i = 0;
        for (var j = 0; j < other._lanes.Length; j++)
        {
            if (other._lanes[j].World is null)
            {
                continue;
            }

            while (_lanes[i].World is not null)
            {
                i++;
            }

            _lanes[i].TakeFrom(other._lanes[j]);
            _runs[i] = other._runs[j];
            _floors[i] = other._floors[j];
        }

        CountBodies();
        other.CountBodies();
    }

    /// <summary>Loads waiting worlds into so many lanes where they are idle.</summary>
    public void Refill(WorldQueue queue, int lanes)
    {
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
        }

        CountBodies();
    }

    private void CountBodies()
    {
        var bodies = 0;
        Busy = 0;
        foreach (var lane in _lanes)
        {
            if (lane.World is not null)
            {
                Busy++;
                bodies = Math.Max(bodies, lane.World.Bodies.Count);
            }
        }

        Bundle.BodyCount = bodies;
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
        var resting = JudgeStage<V>.Resting(Bundle);
        for (var i = 0; i < _lanes.Length; i++)
        {
            var isResting = (resting >> i & 1) != 0 && _lanes[i].World is not null && !_lanes[i].HasPushesLeft();
            _runs[i].RestingSteps = isResting ? _runs[i].RestingSteps + 1 : 0;
        }

        for (var slot = 0; slot < Bundle.BodyCount; slot++)
        {
            MarkFallen(slot, JudgeStage<V>.Fallen(Bundle.Body(slot)));
            MarkLeft(slot, JudgeStage<V>.Below(Bundle.Body(slot), floor));
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
