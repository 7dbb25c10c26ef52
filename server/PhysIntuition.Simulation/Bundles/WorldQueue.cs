using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Bundles;

/// <summary>The worlds of one call, handed out to the workers' lanes, large ones first.</summary>
/// <remarks>The order only decides who works on what; no result depends on it.</remarks>
internal sealed class WorldQueue
{
    private readonly World[] _worlds;
    private readonly int[] _order;
    private int _next = -1;

    public WorldQueue(ReadOnlySpan<World> worlds, SettleOptions? options, int steps)
    {
        _worlds = worlds.ToArray();
        _order = new int[worlds.Length];
        var sizes = new int[worlds.Length];
        for (var i = 0; i < worlds.Length; i++)
        {
            _order[i] = i;
            sizes[i] = -worlds[i].Bodies.Count;
            MaxBodies = Math.Max(MaxBodies, worlds[i].Bodies.Count);
        }

        // Worlds of one size share bundles; equal sizes in batch order.
        Array.Sort(sizes, _order);
        Options = options;
        Steps = steps;
        Outcomes = new Outcome[options is null ? 0 : worlds.Length];
    }

    /// <summary>When to stop; null just runs the steps.</summary>
    public SettleOptions? Options { get; }

    /// <summary>Most steps of each world.</summary>
    public int Steps { get; }

    /// <summary>Bodies of the largest world.</summary>
    public int MaxBodies { get; }

    /// <summary>One per world if there are options.</summary>
    public Outcome[] Outcomes { get; }

    /// <summary>The next world that nobody works on; null when all are taken.</summary>
    public World? Take(out int index)
    {
        var next = Interlocked.Increment(ref _next);
        index = next < _order.Length ? _order[next] : -1;
        return index < 0 ? null : _worlds[index];
    }
}
