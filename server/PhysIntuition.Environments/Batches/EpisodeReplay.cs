namespace PhysIntuition.Environments.Batches;

/// <summary>Plays whole conversations, each from its scene to its last answer, all side by side.</summary>
/// <param name="scenes">Have their episodes; each slot may be the beginning of several conversations.</param>
/// <param name="sceneOf">The slot that each conversation begins with.</param>
/// <param name="answers">Of all conversations, one conversation after the other.</param>
/// <param name="turns">How many of them belong to each conversation.</param>
/// <param name="scores">Receives what they are paid.</param>
internal sealed class EpisodeReplay(
    EnvironmentBatch scenes, int[] sceneOf, SlotAction[] answers, int[] turns, ScoreJob scores) : IPendingWorlds
{
    private readonly EnvironmentBatch _batch = new(
        scenes.Task, scenes.Options with { Slots = turns.Length }, scenes.Simulator);
    private readonly SlotAction[] _actions = new SlotAction[turns.Length];
    private readonly bool[] _mask = new bool[turns.Length];
    private readonly int[] _next = new int[turns.Length];   // the answer that comes next

    /// <inheritdoc/>
    public IReadOnlyList<Counterfactual> Pending => _batch.Pending;

    /// <summary>Begins; simulate and <see cref="Resume"/> until done.</summary>
    public void Begin()
    {
        for (var (i, first) = (0, 0); i < turns.Length; first += turns[i++])
        {
            _batch.Fork(i, scenes, sceneOf[i]);
            (_next[i], scores.Verdicts[i], scores.Distances[i]) = (first, "", double.NaN);
        }

        StepOn();
    }

    /// <inheritdoc/>
    public bool Resume()
    {
        if (!_batch.Resume())
        {
            return false;
        }

        Add();

        return StepOn();
    }

    private bool StepOn()
    {
        while (HasNext())
        {
            _batch.BeginStep(_actions, _mask);
            if (_batch.Pending.Count > 0)
            {
                return false;
            }

            Add();
        }

        return true;
    }

    private bool HasNext()
    {
        var end = 0;
        for (var i = 0; i < turns.Length; i++)
        {
            end += turns[i];
            var hasTurn = _next[i] < end;
            _mask[i] = !_batch.IsDone(i) && (hasTurn || IsUnanswered(i));
            _actions[i] = hasTurn ? answers[_next[i]++] : SlotAction.OfText("");
        }

        return _mask.AsSpan().Contains(true);
    }

    // Whoever stops before the first answer has given none, which is unreadable: else tries alone would pay more.
    private bool IsUnanswered(int slot) => _batch.Task.Spec.AsksOnce
        && _batch.EpisodeFor(slot).Attempts.TrueForAll(static attempt => attempt.Answer.IsTry);

    private void Add()
    {
        var results = _batch.Results;
        for (var i = 0; i < turns.Length; i++)
        {
            if (_mask[i])
            {
                scores.Rewards[i] += _batch.TrueReward(i);
                (scores.Verdicts[i], scores.Distances[i]) = (results.Verdicts[i] ?? "", results.Distances[i]);
                scores.ParseErrors[i] = results.ParseErrors[i];
            }
        }
    }
}
