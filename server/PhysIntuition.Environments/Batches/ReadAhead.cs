using PhysIntuition.Environments.Episodes;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Batches;

/// <summary>The next episodes of one slot's own stream of seeds, in order, begun before they are asked for.</summary>
/// <remarks>As a disk reads ahead: whoever takes one episode after the other has twice as many begun each time; a seed
/// that is given ends it.</remarks>
internal sealed class ReadAhead
{
    private readonly Queue<SceneBuilder> _drafts = [];
    private int _window;

    /// <summary>Gives the seeds of the episodes that are not begun yet.</summary>
    public RandomStream Stream;

    /// <summary>Whether another episode may be begun.</summary>
    public bool HasRoom => _drafts.Count < _window;

    /// <summary>The first episode; null: none is begun.</summary>
    public SceneBuilder? Peek() => _drafts.TryPeek(out var draft) ? draft : null;

    /// <summary>Adds the episode that comes after those begun.</summary>
    public void Add(SceneBuilder draft) => _drafts.Enqueue(draft);

    /// <summary>Takes the first episode.</summary>
    public void Take() => _drafts.Dequeue();

    /// <summary>The stream is used once more.</summary>
    /// <param name="most">Most episodes to begin.</param>
    public void Widen(int most) => _window = Math.Min(most, (2 * _window) + 1);

    /// <summary>Begins nothing until the stream is used again.</summary>
    public void Close() => _window = 0;
}
