namespace PhysIntuition.Evaluation.Runs;

/// <summary>Which scene was asked, of whom and how: one line of samples.jsonl for each.</summary>
/// <param name="Model">The model's label.</param>
/// <param name="Task">With version.</param>
/// <param name="Split">"test", "test/tall-v1".</param>
/// <param name="Examples">Solved scenes shown first.</param>
/// <param name="Seed">The scene's.</param>
/// <param name="Repeat">From 0 on.</param>
public sealed record SampleKey(string Model, string Task, string Split, int Examples, ulong Seed, int Repeat);

/// <summary>One scene's conversation and what came of it.</summary>
public sealed record EvaluationSample
{
    /// <summary>Which scene, of whom, how.</summary>
    public required SampleKey Key { get; init; }

    /// <summary>How it went.</summary>
    public required SampleOutcome Outcome { get; init; }

    /// <summary>What all answers earned together; 0 where none was delivered.</summary>
    public double Reward { get; init; }

    /// <summary>What the expert earns in this scene.</summary>
    public double ExpertReward { get; init; }

    /// <summary>Question and answer, one for each turn.</summary>
    public IReadOnlyList<ConversationTurn> Exchanges { get; init; } = [];

    /// <summary>Why no answer was delivered.</summary>
    public string? Error { get; init; }

    /// <summary>What physics did with the last answer: an animated PNG of the run's folder; null: not drawn.</summary>
    public string? Film { get; init; }
}

/// <summary>A question, the answer, and what the task says of it.</summary>
public sealed record ConversationTurn
{
    /// <summary>The text of the question.</summary>
    public required string Prompt { get; init; }

    /// <summary>The picture: a PNG file of the run's folder, named by its SHA-256.</summary>
    public required string Picture { get; init; }

    /// <summary>The answer as it was scored.</summary>
    public string Answer { get; init; } = "";

    /// <summary>The model's thoughts.</summary>
    public string Reasoning { get; init; } = "";

    /// <summary>The answer ended with the tokens.</summary>
    public bool IsCut { get; init; }

    /// <summary>The probability of the whole answer, in [0, 1]; null where the model does not tell it.</summary>
    public double? Confidence { get; init; }

    /// <summary>What the task says of the answer, in a sentence.</summary>
    public string? Verdict { get; init; }

    /// <summary>Why the answer could not be read; null where it could.</summary>
    public string? ParseError { get; init; }

    /// <summary>What the answer earned.</summary>
    public double Reward { get; init; }

    /// <summary>Tokens.</summary>
    public TokenCount Tokens { get; init; }

    /// <summary>The dated id that the server answered with.</summary>
    public string ServedModel { get; init; } = "";

    /// <summary>Attempts that the request took.</summary>
    public int Attempts { get; init; }

    /// <summary>Seconds from asking to the whole answer.</summary>
    public double Seconds { get; init; }

    /// <summary>The request's body, with hashes in place of pictures; empty: the cache answered.</summary>
    public string Request { get; init; } = "";

    /// <summary>The reply's body.</summary>
    public string Reply { get; init; } = "";
}

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
