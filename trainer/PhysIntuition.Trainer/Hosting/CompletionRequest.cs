namespace PhysIntuition.Trainer.Hosting;

/// <summary>What an engine is asked to write.</summary>
/// <param name="Model">The model, or one of its adapters, by name.</param>
/// <param name="Prompt">Up to where the completion begins.</param>
public sealed record CompletionRequest(string Model, EncodedChat Prompt)
{
    /// <summary>How tokens are drawn; without a repetition penalty.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens of a completion, its stop token included.</summary>
    public int MaxTokens { get; init; } = 256;

    /// <summary>Completions.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Seed of the draws.</summary>
    public ulong Seed { get; init; }

    /// <summary>Goes on after the model's own stop tokens, up to the most tokens: for measuring.</summary>
    public bool IgnoresStopTokens { get; init; }

    /// <summary>Texts that end a completion, and are no part of it.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>What may be written; null: anything.</summary>
    public TokenConstraint? Constraint { get; init; }

    /// <summary>The most probable tokens that are told beside each drawn one.</summary>
    public int Alternatives { get; init; }

    /// <summary>Tells every token as it comes; else all of them at the end.</summary>
    public bool Streams { get; init; }
}

/// <summary>One token of one completion.</summary>
/// <param name="Completion">The completion's number, from 0 on.</param>
/// <param name="Token">The token.</param>
/// <param name="Text">What can be told now: characters that are whole, and begin no text that ends it.</param>
/// <param name="End">Null: more tokens follow.</param>
public sealed record CompletionPart(int Completion, DrawnToken Token, string Text, CompletionEnd? End);

/// <summary>Why a completion ended.</summary>
public enum CompletionEnd
{
    /// <summary>By a token or a text that ends it.</summary>
    Stop,

    /// <summary>By its most tokens.</summary>
    Length,
}
