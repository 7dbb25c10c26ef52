namespace PhysIntuition.Environments.Episodes;

/// <summary>One world that waits for, or has come back from, simulation.</summary>
public sealed class Counterfactual
{
    /// <summary>The bodies; overwritten by the simulation.</summary>
    public World World { get; } = new();

    /// <summary>When to stop.</summary>
    public SettleOptions Settle { get; internal set; } = new();

    /// <summary>How it ended; written by whoever simulates.</summary>
    public Outcome Outcome { get; set; }
}

/// <summary>The worlds that one episode asks to have simulated, pooled.</summary>
public sealed class Counterfactuals
{
    private readonly List<Counterfactual> _pool = [];

    /// <summary>Worlds asked for since the last <see cref="Clear"/>.</summary>
    public int Count { get; private set; }

    /// <summary>A world asked for, in order.</summary>
    public Counterfactual this[int index] => index < Count
        ? _pool[index]
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Asks for a copy of a world to be settled.</summary>
    public Counterfactual Settle(World source, SettleOptions options)
    {
        if (Count == _pool.Count)
        {
            _pool.Add(new Counterfactual());
        }

        var trial = _pool[Count++];
        trial.World.CopyFrom(source);
        trial.Settle = options;

        return trial;
    }

    /// <summary>Adds every world asked for to a list.</summary>
    internal void AddTo(List<Counterfactual> list)
    {
        for (var i = 0; i < Count; i++)
        {
            list.Add(_pool[i]);
        }
    }

    /// <summary>Forgets all; keeps memory.</summary>
    public void Clear() => Count = 0;
}
