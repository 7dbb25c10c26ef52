namespace PhysIntuition.Trainer.Recipes;

/// <summary>Remembers the best evaluation, and says when too many since were no better.</summary>
/// <param name="patience">Evaluations without a better one that end the run; 0 never ends it.</param>
internal sealed class EarlyStopping(int patience)
{
    /// <summary>What must be kept to go on exactly.</summary>
    public EarlyStoppingState State { get; set; } = new(null, 0);

    /// <summary>Whether the run should end.</summary>
    public bool IsOver => patience > 0 && State.Misses >= patience;

    /// <summary>Takes an evaluation.</summary>
    /// <returns>Whether it is the best so far.</returns>
    public bool Add(double score)
    {
        var isBest = State.Best is not { } best || score > best;
        State = isBest ? new(score, 0) : State with { Misses = State.Misses + 1 };
        return isBest;
    }
}

/// <summary>Where early stopping stands.</summary>
/// <param name="Best">The best evaluation; null before the first.</param>
/// <param name="Misses">Evaluations since.</param>
internal sealed record EarlyStoppingState(double? Best, int Misses);
