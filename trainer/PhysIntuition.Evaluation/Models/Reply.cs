using System.Text.RegularExpressions;
using Microsoft.Extensions.AI;

namespace PhysIntuition.Evaluation.Models;

/// <summary>What a model said: the answer, and apart from it what it thought.</summary>
/// <param name="Text">The answer, without reasoning.</param>
/// <param name="Reasoning">The model's thoughts; kept in the log, never scored.</param>
/// <param name="IsCut">The answer ended because the tokens were used up.</param>
/// <param name="ServedModel">The dated id that the server answered with.</param>
/// <param name="Tokens">What was counted.</param>
public sealed partial record Reply(string Text, string Reasoning, bool IsCut, string ServedModel, TokenCount Tokens)
{
    /// <summary>The name under which a response carries its confidence.</summary>
    public const string ConfidenceName = "physintuition.confidence";

    private static readonly string[] s_reasoningMembers = ["reasoning_content", "reasoning"];

    /// <summary>The probability of the whole answer, in [0, 1]; null: the client does not tell it.</summary>
    public double? Confidence { get; private init; }

    /// <summary>Reads a response, and the raw reply for what libraries do not pass on.</summary>
    /// <param name="response">What the client gave.</param>
    /// <param name="raw">The body that the server sent; empty where there was none.</param>
    public static Reply Read(ChatResponse response, string raw)
    {
        var reasoning = string.Concat(response.Messages.SelectMany(message => message.Contents)
            .OfType<TextReasoningContent>().Select(content => content.Text));
        var text = response.Text;
        if (ThoughtTag().Match(text) is { Success: true } thought)
        {
            (reasoning, text) = (reasoning + thought.Groups[1].Value, text[(thought.Index + thought.Length)..]);
        }

        if (reasoning.Length == 0 && raw.Length > 0)
        {
            reasoning = ReasoningOf(raw);
        }

        return new Reply(text.Trim(), reasoning.Trim(), response.FinishReason == ChatFinishReason.Length,
            response.ModelId ?? "", TokenCount.Of(response.Usage))
        {
            Confidence = response.AdditionalProperties?.TryGetValue(ConfidenceName, out double confidence) == true
                ? confidence : null,
        };
    }

    /// <summary>reasoning_details, reasoning_content or reasoning of the first choice.</summary>
    private static string ReasoningOf(string raw)
    {
        try
        {
            using var document = JsonDocument.Parse(raw);
            if (document.RootElement.ValueKind != JsonValueKind.Object
                || !document.RootElement.TryGetProperty("choices", out var choices)
                || choices.GetArrayLength() == 0 || !choices[0].TryGetProperty("message", out var message))
            {
                return "";
            }

            foreach (var name in s_reasoningMembers)
            {
                if (message.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String)
                {
                    return value.GetString()!;
                }
            }

            return message.TryGetProperty("reasoning_details", out var details)
                && details.ValueKind == JsonValueKind.Array
                ? string.Concat(details.EnumerateArray().Select(detail =>
                    detail.TryGetProperty("text", out var text) ? text.GetString()
                        : detail.TryGetProperty("summary", out var summary) ? summary.GetString() : ""))
                : "";
        }
        catch (Exception other) when (other is JsonException or InvalidOperationException)
        {
            return "";   // another protocol's reply
        }
    }

    // A model that is cut off in its thoughts closes no tag: all of it is thought.
    [GeneratedRegex(@"^\s*<think>(.*?)(?:</think>|\z)", RegexOptions.Singleline)]
    private static partial Regex ThoughtTag();
}

/// <summary>Tokens of one or many requests.</summary>
/// <param name="Input">Read, cached ones included.</param>
/// <param name="Cached">Read from the provider's cache.</param>
/// <param name="Output">Written, reasoning included.</param>
/// <param name="Reasoning">Written as thoughts.</param>
public readonly record struct TokenCount(long Input, long Cached, long Output, long Reasoning)
{
    /// <summary>What a response says; zero where it says nothing.</summary>
    public static TokenCount Of(UsageDetails? usage) => usage is null ? default : new(
        usage.InputTokenCount ?? 0, usage.CachedInputTokenCount ?? 0, usage.OutputTokenCount ?? 0,
        usage.ReasoningTokenCount ?? 0);

    /// <summary>The sums.</summary>
    public static TokenCount operator +(TokenCount a, TokenCount b) =>
        new(a.Input + b.Input, a.Cached + b.Cached, a.Output + b.Output, a.Reasoning + b.Reasoning);
}
