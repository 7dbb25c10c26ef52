namespace PhysIntuition.Simulation;

/// <summary>Moves many small worlds forward. The canonical engine is ours; others check it.</summary>
public interface ISimulator
{
    /// <summary>Name and version of the engine, part of every provenance record.</summary>
    string Name { get; }

    /// <summary>Runs each world until it settles, falls or times out; bodies are overwritten in place.</summary>
    /// <param name="worlds">Worlds of any sizes, each once; each result depends on its own world alone.</param>
    /// <param name="options">When to stop and what counts as fallen; the same for all.</param>
    /// <param name="outcomes">One per world, same order; at least as long as <paramref name="worlds"/>.</param>
    void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes);

    /// <summary>The same, where each world has options of its own.</summary>
    /// <param name="worlds">Each once; a result depends on its own world and options alone.</param>
    /// <param name="options">One per world, same order.</param>
    /// <param name="outcomes">One per world, same order; at least as long as <paramref name="worlds"/>.</param>
    void Settle(ReadOnlySpan<World> worlds, ReadOnlySpan<SettleOptions> options, Span<Outcome> outcomes)
    {
        for (var i = 0; i < worlds.Length; i++)
        {
            Settle(worlds.Slice(i, 1), options[i], outcomes.Slice(i, 1));
        }
    }

    /// <summary>Moves each world forward by a fixed time, whether or not it rests.</summary>
    /// <param name="worlds">Worlds of any sizes, each once, overwritten in place.</param>
    /// <param name="duration">s, in [0, 3600]; rounded to whole engine steps.</param>
    void Advance(ReadOnlySpan<World> worlds, float duration);
}
