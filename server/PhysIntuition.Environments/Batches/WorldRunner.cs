using PhysIntuition.Environments.Episodes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Batches;

/// <summary>Runs pending worlds to the end, all works' worlds of one kind in one wide batch.</summary>
public sealed class WorldRunner(ISimulator simulator)
{
    private readonly List<Trial> _waiting = [];
    private readonly List<int> _open = [];
    private World[] _worlds = [];
    private Trial[] _trials = [];
    private Outcome[] _outcomes = [];

    /// <summary>The engine.</summary>
    public ISimulator Simulator { get; } = simulator;

    /// <summary>Simulates and resumes until the work is done.</summary>
    public void Run(IPendingWorlds work)
    {
        while (work.Pending.Count > 0)
        {
            _waiting.AddRange(work.Pending);
            RunWaiting();
            work.Resume();
        }
    }

    /// <summary>The same for several works at a time; each result depends on its own work alone.</summary>
    /// <param name="works">Works that have begun; null where there is nothing to do.</param>
    /// <param name="failures">One per work: told what its Resume threw. The others go on.</param>
    public void Run(IReadOnlyList<IPendingWorlds?> works, IList<Exception?> failures)
    {
        _open.Clear();
        for (var i = 0; i < works.Count; i++)
        {
            if (works[i] is { Pending.Count: > 0 })
            {
                _open.Add(i);
            }
        }

        while (_open.Count > 0)
        {
            foreach (var index in _open)
            {
                _waiting.AddRange(works[index]!.Pending);
            }

            RunWaiting();
            for (var k = _open.Count - 1; k >= 0; k--)
            {
                if (HasEnded(works[_open[k]]!, _open[k], failures))
                {
                    _open.RemoveAt(k);
                }
            }
        }
    }

    /// <summary>Simulates trials once.</summary>
    public void Run(Trials trials)
    {
        for (var i = 0; i < trials.Count; i++)
        {
            _waiting.Add(trials[i]);
        }

        RunWaiting();
    }

    private static bool HasEnded(IPendingWorlds work, int index, IList<Exception?> failures)
    {
        try
        {
            return work.Resume();
        }
        catch (Exception failure)
        {
            failures[index] = failure;
            return true;
        }
    }

    private void RunWaiting()
    {
        try
        {
            while (_waiting.Count > 0)
            {
                RunLike(_waiting[0]);
            }
        }
        finally
        {
            _waiting.Clear();   // what the engine refused is not the next call's business
        }
    }

    // Takes all waiting trials that end by the same rule; what is left keeps its order.
    private void RunLike(Trial first)
    {
        Reserve(_waiting.Count);
        var (count, left) = (0, 0);
        for (var i = 0; i < _waiting.Count; i++)
        {
            var trial = _waiting[i];
            if (trial.Duration == first.Duration && (first.Duration > 0 || IsSame(trial.Settle, first.Settle)))
            {
                _trials[count] = trial;
                _worlds[count++] = trial.World;
            }
            else
            {
                _waiting[left++] = trial;
            }
        }

        _waiting.RemoveRange(left, _waiting.Count - left);
        if (first.Duration > 0)
        {
            Simulator.Advance(_worlds.AsSpan(0, count), first.Duration);
            return;
        }

        Simulator.Settle(_worlds.AsSpan(0, count), first.Settle, _outcomes.AsSpan(0, count));
        for (var i = 0; i < count; i++)
        {
            _trials[i].Outcome = _outcomes[i];
        }
    }

    private static bool IsSame(SettleOptions a, SettleOptions b) => ReferenceEquals(a, b) || a == b;

    private void Reserve(int count)
    {
        if (_worlds.Length < count)
        {
            var size = Math.Max(count, _worlds.Length * 2);
            (_worlds, _trials, _outcomes) = (new World[size], new Trial[size], new Outcome[size]);
        }
    }
}
