namespace PhysIntuition.Vlm.Generation;

/// <summary>How completions are made.</summary>
public sealed record GenerationOptions
{
    /// <summary>How each token is drawn.</summary>
    public SamplingOptions Sampling { get; init; } = new();

    /// <summary>Most tokens of a completion, its stop token included.</summary>
    public int MaxNewTokens { get; init; } = 256;

    /// <summary>Completions of every prompt; the prompt is run once.</summary>
    public int CompletionsPerPrompt { get; init; } = 1;

    /// <summary>Tokens that end a completion.</summary>
    public IReadOnlyList<int> StopTokens { get; init; } = [];

    /// <summary>What each prompt's completions may be, null for anything; empty: anything for all.</summary>
    /// <remarks>Log-probabilities are then those among the tokens that are allowed.</remarks>
    public IReadOnlyList<TokenConstraint?> Constraints { get; init; } = [];

    /// <summary>Seed of the draws. A completion's draws depend on seed, prompt's and its own number alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>The prompts' numbers in the draws; empty: 0, 1, 2, ...</summary>
    public IReadOnlyList<int> PromptNumbers { get; init; } = [];

    internal void Validate()
    {
        Sampling.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNewTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CompletionsPerPrompt);
    }
}

/// <summary>How the next token is drawn; the defaults draw from the model's own distribution.</summary>
public sealed record SamplingOptions
{
    /// <summary>Divides the scores; 0 takes the best token, above 1 evens out. Default 1.</summary>
    public float Temperature { get; init; } = 1;

    /// <summary>Keeps this many best tokens, and ties with the last; 0 keeps all. Default 0.</summary>
    public int TopK { get; init; }

    /// <summary>Keeps the fewest best tokens with at least this probability together; in (0, 1]. Default 1.</summary>
    public float TopP { get; init; } = 1;

    /// <summary>Keeps tokens with at least this share of the best token's probability; in [0, 1]. Default 0.</summary>
    public float MinP { get; init; }

    /// <summary>Checks every range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value is out of range; the message names it.</exception>
    public void Validate()
    {
        Require(Temperature >= 0 && float.IsFinite(Temperature), nameof(Temperature), Temperature, "finite and >= 0");
        Require(TopK >= 0, nameof(TopK), TopK, ">= 0 (0 keeps all)");
        Require(TopP is > 0 and <= 1, nameof(TopP), TopP, "in (0, 1]");
        Require(MinP is >= 0 and <= 1, nameof(MinP), MinP, "in [0, 1]");
    }

    private static void Require(bool holds, string name, object value, string rule)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} is {value}; must be {rule}.");
        }
    }
}
