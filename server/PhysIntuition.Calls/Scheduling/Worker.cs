namespace PhysIntuition.Server.Scheduling;

/// <summary>Runs batches of calls, one batch at a time, on whatever thread it is started.</summary>
internal sealed class Worker(Scheduler scheduler, ISimulator simulator, ServerMetrics metrics) : IThreadPoolWorkItem
{
    private const int FewestPrepared = 16;   // slots of a call that ran inline: for fewer, starting a thread costs more

    private readonly WorldRunner _runner = new(simulator);
    private readonly List<Work> _batch = [];
    private readonly List<IPendingWorlds?> _pending = [];
    private Action<int, Exception>? _fail;   // made once
    private bool _isAnswered;   // what the batch holds: its lanes are prepared next

    /// <summary>Goes on with ready calls on a thread of the pool.</summary>
    public void Start() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);

    /// <summary>Runs one call on this thread, whose caller has the reply once this returns; the pool prepares the next
    /// one, and runs whatever became ready meanwhile.</summary>
    public void RunInline(Work work, bool prepares)
    {
        _batch.Add(work);
        RunBatch();
        _isAnswered = scheduler.Release(this, _batch, prepares && work.Weight >= FewestPrepared);
        if (!_isAnswered)
        {
            EndBatch();
        }

        if (_isAnswered || scheduler.TryTake(this, _batch))
        {
            Start();
        }
    }

    public void Execute()
    {
        while (_batch.Count > 0 || scheduler.TryTake(this, _batch))
        {
            if (!_isAnswered)
            {
                scheduler.Wake();
                RunBatch();
                _isAnswered = scheduler.Release(this, _batch, prepares: true);
            }

            if (_isAnswered)
            {
                Prepare();
                scheduler.EndPreparation(_batch);
            }

            EndBatch();
        }
    }

    private void RunBatch()
    {
        var begun = metrics.Begin();
        Begin();
        var simulating = metrics.Begin();
        Simulate();
        var finishing = metrics.Begin();
        _batch.ForEach(static work => work.TryFinish());
        metrics.Finished(begun, simulating, finishing, _batch);
        // Before the lanes are free: another worker may answer the next call at once, and replies keep order.
        _batch.ForEach(static work => work.Tell());
    }

    private void EndBatch()
    {
        _isAnswered = false;
        _batch.Clear();
    }

    private void Begin()
    {
        foreach (var work in _batch)
        {
            lock (work.Lane.Preparation)
            {
                // Whoever prepares the lane has seen that it runs, and ends.
            }

            metrics.Waited(work);
            _pending.Add(work.TryBegin());
        }
    }

    private void Simulate()
    {
        try
        {
            var (calls, worlds) = (0, 0);
            foreach (var pending in _pending)
            {
                var count = pending?.Pending.Count ?? 0;
                (calls, worlds) = (calls + (count > 0 ? 1 : 0), worlds + count);
            }

            if (worlds > 0)
            {
                var start = metrics.Begin();
                _runner.Run(_pending, _fail ??= (index, failure) => _batch[index].Fail(failure));
                metrics.Simulated(start, calls, worlds);
            }
        }
        catch (Exception failure)
        {
            // Which world broke the engine is not known: everybody in the batch is told.
            _batch.ForEach(work => work.Fail(failure));
        }
        finally
        {
            _pending.Clear();
        }
    }

    private void Prepare()
    {
        for (var i = 0; i < _batch.Count; i++)
        {
            var lane = _batch[i].Lane;
            bool IsWanted() => lane.IsRunning || scheduler.Waiting > 0;
            try
            {
                lock (lane.Preparation)
                {
                    if (lane.Preparer != this)
                    {
                        continue;
                    }

                    lane.Preparer = null;   // what runs from now on is prepared for anew
                    if (_batch[i].Failure is null && !IsWanted())
                    {
                        _batch[i].Prepare(IsWanted);
                    }
                }
            }
            catch (Exception)
            {
                // Nobody waits for it; the call that does is told.
            }
        }
    }
}
