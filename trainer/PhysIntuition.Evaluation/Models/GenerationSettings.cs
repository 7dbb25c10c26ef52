using System.Text.Json.Nodes;

namespace PhysIntuition.Evaluation.Models;

/// <summary>What is asked of a model beside the messages; null leaves a setting to the server.</summary>
public sealed record GenerationSettings
{
    /// <summary>0 takes the best token.</summary>
    public float? Temperature { get; init; } = 0;

    /// <summary>Draws keep the fewest tokens of this probability together.</summary>
    public float? TopP { get; init; }

    /// <summary>Most tokens of an answer, those of its reasoning included.</summary>
    public int MaxTokens { get; init; } = 4096;

    /// <summary>Seed of the draws, where the server takes one.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts that end an answer.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>What can be written: an answer alone by a JSON schema, or in a folder's own decoder.</summary>
    public AnswerConstraint Constrain { get; init; }

    /// <summary>"none", "low", "medium", "high": how much a reasoning model thinks.</summary>
    public string? ReasoningEffort { get; init; }

    /// <summary>"low", "high", "auto": OpenAI's resolution of pictures.</summary>
    public string? Detail { get; init; }

    /// <summary>Members that are added to every request as they are.</summary>
    public JsonObject ExtraBody { get; init; } = [];

    /// <summary>Requests in flight at once, at most.</summary>
    public int Concurrency { get; init; } = 64;

    /// <summary>Attempts after the first one that failed for a reason that passes.</summary>
    public int Retries { get; init; } = 8;

    /// <summary>Time for one attempt.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time for a request with all its attempts.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>First pause between attempts; the next are longer.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);
}

/// <summary>What a model can write.</summary>
public enum AnswerConstraint
{
    /// <summary>Anything.</summary>
    None,

    /// <summary>An answer in the task's form, and nothing before or after it.</summary>
    Answer,
}
