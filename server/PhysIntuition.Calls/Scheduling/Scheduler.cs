namespace PhysIntuition.Server.Scheduling;

/// <summary>Runs the calls of all sessions: fair shares, and their worlds together in wide batches.</summary>
/// <remarks>
/// Shares take turns by deficit round robin (Shreedhar, Varghese: Efficient Fair Queuing Using Deficit Round-Robin,
/// 1995), measured in slots. A worker takes its part of all ready calls at once, so that many small environments
/// fill the simulator's lanes as one large one does.
/// </remarks>
internal sealed class Scheduler
{
    private const int Quantum = 256;        // slots per turn: 16 bundles of 16 lanes
    private const int SlotsPerBatch = 1024; // more makes others wait and the simulator no faster

    private readonly Lock _lock = new();
    private readonly Queue<WorkShare> _ring = [];
    private readonly Stack<Worker> _idle = [];
    private readonly int _workers;
    private int _ready;
    private int _waiting;

    public Scheduler(ISimulator simulator, IOptions<EngineOptions> options, ServerMetrics metrics)
    {
        var threads = options.Value.Threads;
        _workers = threads > 0 ? threads : Environment.ProcessorCount;
        for (var i = 0; i < _workers; i++)
        {
            _idle.Push(new Worker(this, simulator, metrics));
        }
    }

    /// <summary>Calls that wait for a worker.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Queues a call; it runs on a thread of the pool.</summary>
    public void Submit(Work work) => Enqueue(work)?.Start();

    /// <summary>Runs a call here and now if nothing else waits, else queues it.</summary>
    /// <param name="work">The call.</param>
    /// <param name="prepares">Prepare its lane's next call on another thread, once the reply is there.</param>
    public void RunOrSubmit(Work work, bool prepares)
    {
        Worker? worker = null;
        Tracing.Begin(work);
        lock (_lock)
        {
            if (_ready == 0 && !work.Lane.IsRunning && work.Lane.Waiting.Count == 0 && _idle.TryPop(out worker))
            {
                work.Lane.IsRunning = true;
            }
        }

        if (worker is null)
        {
            Submit(work);
        }
        else
        {
            worker.RunInline(work, prepares);
        }
    }

    /// <summary>Gives a worker its part of the ready calls; false: there is nothing to do and it is idle now.</summary>
    internal bool TryTake(Worker worker, List<Work> batch)
    {
        lock (_lock)
        {
            var part = (_ready + _workers - 1) / _workers;
            var slots = 0;
            while (batch.Count < part && slots < SlotsPerBatch)
            {
                batch.Add(TakeNext());
                slots += batch[^1].Weight;
            }

            if (batch.Count == 0)
            {
                _idle.Push(worker);
            }

            return batch.Count > 0;
        }
    }

    /// <summary>Lets the next call of these lanes run.</summary>
    /// <param name="worker">That ran the last one.</param>
    /// <param name="batch">What it ran.</param>
    /// <param name="prepares">Whether it would prepare the next ones.</param>
    /// <returns>Whether it shall: not where a call waits, or another worker is about to prepare all lanes.</returns>
    internal bool Release(Worker worker, List<Work> batch, bool prepares)
    {
        lock (_lock)
        {
            foreach (var work in batch)
            {
                var lane = work.Lane;
                lane.IsRunning = false;
                if (lane.Waiting.Count > 0)
                {
                    MakeReady(lane);
                }
            }

            prepares &= _ready == 0 && batch.Exists(static work => work.Lane.Preparer is null);
            for (var i = 0; prepares && i < batch.Count; i++)
            {
                (batch[i].Lane.Preparer, batch[i].Lane.IsHeard) = (batch[i].Lane.Preparer ?? worker, true);
            }

            return prepares;
        }
    }

    /// <summary>Ends the preparation of lanes; their next calls wake a worker.</summary>
    internal void EndPreparation(List<Work> batch)
    {
        lock (_lock)
        {
            batch.ForEach(static work => work.Lane.IsHeard = false);
        }
    }

    /// <summary>Wakes a worker if there is one and something is ready.</summary>
    internal void Wake()
    {
        Worker? worker = null;
        lock (_lock)
        {
            if (_ready > 0)
            {
                _idle.TryPop(out worker);
            }
        }

        worker?.Start();
    }

    private Worker? Enqueue(Work work)
    {
        Tracing.Begin(work);
        lock (_lock)
        {
            work.Lane.Waiting.Enqueue(work);
            _waiting++;
            if (!work.Lane.IsRunning && work.Lane.Waiting.Count == 1)
            {
                MakeReady(work.Lane);
            }

            // Who prepares this lane's next call hears of it, and takes it: sooner than a thread wakes.
            var isHeard = _ready == 1 && work.Lane.IsHeard;
            return _ready > 0 && !isHeard && _idle.TryPop(out var worker) ? worker : null;
        }
    }

    private void MakeReady(WorkLane lane)
    {
        lane.Share.Ready.Enqueue(lane);
        _ready++;
        if (lane.Share.Ready.Count == 1)
        {
            _ring.Enqueue(lane.Share);
        }
    }

    // Terminates: every visit raises the share's credit until its next call fits.
    private Work TakeNext()
    {
        while (true)
        {
            var share = _ring.Dequeue();
            var lane = share.Ready.Peek();
            var weight = lane.Waiting.Peek().Weight;
            if (weight > share.Credit)
            {
                share.Credit += Quantum;
                _ring.Enqueue(share);
                continue;
            }

            share.Ready.Dequeue();
            lane.IsRunning = true;
            (_ready, _waiting) = (_ready - 1, _waiting - 1);
            share.Credit = share.Ready.Count > 0 ? share.Credit - weight : 0;
            if (share.Ready.Count > 0)
            {
                _ring.Enqueue(share);
            }

            return lane.Waiting.Dequeue();
        }
    }
}
