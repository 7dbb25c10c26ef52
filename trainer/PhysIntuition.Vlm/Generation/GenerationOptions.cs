using System.Text.Json;
using PhysIntuition.Vlm.Sampling;

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

    /// <summary>Seed of the draws. A completion's draws depend on seed, prompt, and its own number alone.</summary>
    public ulong Seed { get; init; }

    /// <summary>Reads generation_config.json of a model folder: sampling and stop tokens.</summary>
    /// <param name="folder">The folder.</param>
    public static GenerationOptions Load(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "generation_config.json")));
        var json = document.RootElement;
        var samples = json.TryGetProperty("do_sample", out var flag) && flag.ValueKind == JsonValueKind.True;
        return new GenerationOptions
        {
            StopTokens = StopTokensOf(json),
            Sampling = new SamplingOptions
            {
                Temperature = samples ? Real("temperature", 1) : 0,
                TopK = (int)Real("top_k", 50),   // the value that the reference assumes where the file has none
                TopP = Real("top_p", 1),
                MinP = Real("min_p", 0),
                RepetitionPenalty = Real("repetition_penalty", 1),
            },
        };

        float Real(string name, float otherwise) =>
            json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
                ? value.GetSingle()
                : otherwise;
    }

    internal void Validate()
    {
        Sampling.Validate();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxNewTokens);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(CompletionsPerPrompt);
    }

    private static int[] StopTokensOf(JsonElement json) =>
        !json.TryGetProperty("eos_token_id", out var stop) ? []
        : stop.ValueKind == JsonValueKind.Array ? [.. stop.EnumerateArray().Select(item => item.GetInt32())]
        : [stop.GetInt32()];
}
