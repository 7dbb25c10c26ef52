namespace PhysIntuition.Evaluation.Runs;

/// <summary>How a scene went. Every table keeps five apart; held-out scenes have a sixth.</summary>
public enum SampleOutcome
{
    /// <summary>The answer earned what the expert's earns.</summary>
    Right,

    /// <summary>The answer could be read and earned less.</summary>
    Wrong,

    /// <summary>The answer was whole and could not be read.</summary>
    Unreadable,

    /// <summary>The answer was empty, or ended with the tokens before it could be read.</summary>
    CutOff,

    /// <summary>The answer could be read; only the leaderboard's server knows whether it is right.</summary>
    Answered,

    /// <summary>No answer came; says nothing of the model, is in no mean, and is asked for again by --resume.</summary>
    Undelivered,
}
