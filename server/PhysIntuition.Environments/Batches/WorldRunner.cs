namespace PhysIntuition.Environments.Batches;

/// <summary>Runs pending worlds to the end, all works' worlds in one wide batch.</summary>
public sealed class WorldRunner(ISimulator simulator)
{
    private const int Full = 128;   // worlds: below this, lanes run empty before the last world has settled

    private readonly List<Counterfactual> _waiting = [];
    private readonly List<int> _open = [];
    private World[] _worlds = [];
    private SettleOptions[] _options = [];
    private Outcome[] _outcomes = [];

    /// <summary>The engine.</summary>
    public ISimulator Simulator { get; } = simulator;

    /// <summary>Simulates and resumes until the work is done.</summary>
    public void Run(IPendingWorlds work)
    {
        while (work.Pending.Count > 0)
        {
            work.AddAhead(Full - work.Pending.Count);
            _waiting.AddRange(work.Pending);
            Simulate();
            work.Resume();
        }
    }

    /// <summary>The same for several works at a time; each result depends on its own work alone.</summary>
    /// <param name="works">Works that have begun; null where there is nothing to do.</param>
    /// <param name="failed">Told which work's Resume threw, and what. The others go on.</param>
    public void Run(IReadOnlyList<IPendingWorlds?> works, Action<int, Exception> failed)
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
            Collect(works);
            Simulate();
            for (var k = _open.Count - 1; k >= 0; k--)
            {
                if (HasEnded(works[_open[k]]!, _open[k], failed))
                {
                    _open.RemoveAt(k);
                }
            }
        }
    }

    private static bool HasEnded(IPendingWorlds work, int index, Action<int, Exception> failed)
    {
        try
        {
            return work.Resume();
        }
        catch (Exception failure)
        {
            failed(index, failure);
            return true;
        }
    }

    private void Collect(IReadOnlyList<IPendingWorlds?> works)
    {
        var room = Full;
        foreach (var index in _open)
        {
            room -= works[index]!.Pending.Count;
        }

        foreach (var index in _open)
        {
            if (room > 0)
            {
                room -= works[index]!.AddAhead(room);
            }

            _waiting.AddRange(works[index]!.Pending);
        }
    }

    private void Simulate()
    {
        try
        {
            var count = _waiting.Count;
            Reserve(count);
            for (var i = 0; i < count; i++)
            {
                (_worlds[i], _options[i]) = (_waiting[i].World, _waiting[i].Settle);
            }

            Simulator.Settle(_worlds.AsSpan(0, count), _options.AsSpan(0, count), _outcomes.AsSpan(0, count));
            for (var i = 0; i < count; i++)
            {
                _waiting[i].Outcome = _outcomes[i];
            }
        }
        finally
        {
            _waiting.Clear();   // what the engine refused is not the next call's business
        }
    }

    private void Reserve(int count)
    {
        if (_worlds.Length < count)
        {
            var size = Math.Max(count, _worlds.Length * 2);
            (_worlds, _options, _outcomes) = (new World[size], new SettleOptions[size], new Outcome[size]);
        }
    }
}

/// <summary>
/// Work that stops wherever it needs a simulation, so that a scheduler can run the worlds of many together.
/// </summary>
public interface IPendingWorlds
{
    /// <summary>Worlds to simulate now, in a fixed order; empty when the work is done.</summary>
    IReadOnlyList<Counterfactual> Pending { get; }

    /// <summary>Adds worlds that will be wanted later to the pending ones, where lanes would be empty.</summary>
    /// <param name="worlds">Most worlds to add.</param>
    /// <returns>How many were added.</returns>
    int AddAhead(int worlds) => 0;

    /// <summary>Goes on once every pending world is simulated and its outcome written.</summary>
    /// <returns>Whether the work is done; otherwise <see cref="Pending"/> holds the next worlds.</returns>
    bool Resume();
}
