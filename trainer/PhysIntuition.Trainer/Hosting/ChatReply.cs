using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json.Serialization;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>A reply of OpenAI's chat completions, whole or in chunks.</summary>
/// <param name="request">What was asked.</param>
/// <param name="tokenizer">The model's.</param>
internal sealed class ChatReply(ChatRequest request, Tokenizer tokenizer)
{
    private readonly string _id = $"chatcmpl-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12))}";
    private readonly long _created = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    /// <summary>snake_case; text as it is; what is null is left out.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Tokens that completions have so far.</summary>
    public int Written { get; private set; }

    /// <summary>The whole reply.</summary>
    public byte[] Whole(WholeCompletion[] completions)
    {
        Written = completions.Sum(completion => completion.Tokens.Count);
        return Write("chat.completion", completions.Select((completion, i) => new
        {
            Index = i,
            Message = new { Role = "assistant", Content = completion.Text },
            Logprobs = Probabilities(completion.Tokens),
            FinishReason = Name(completion.End),
            TokenIds = Ids(completion.Tokens),
        }), Usage);
    }

    /// <summary>The chunk that opens a completion.</summary>
    public byte[] Opening(int completion) => Write("chat.completion.chunk",
        [new { Index = completion, Delta = new { Role = "assistant", Content = "" } }], usage: null);

    /// <summary>The chunk of a token; null where it says nothing.</summary>
    public byte[]? Chunk(CompletionPart part)
    {
        Written++;
        return part is { Text: "", End: null } && !request.TellsLogProbabilities && !request.TellsTokens
            ? null
            : Write("chat.completion.chunk",
            [
                new
                {
                    Index = part.Completion, Delta = new { Content = part.Text },
                    Logprobs = Probabilities([part.Token]),
                    FinishReason = part.End is { } end ? Name(end) : null, TokenIds = Ids([part.Token]),
                },
            ], usage: null);
    }

    /// <summary>The chunk that ends a stream whose request asks for it.</summary>
    public byte[] UsageChunk() => Write("chat.completion.chunk", [], Usage);

    private object Usage => new
    {
        PromptTokens = request.Completion.Prompt.Ids.Length, CompletionTokens = Written,
        TotalTokens = request.Completion.Prompt.Ids.Length + Written,
    };

    private byte[] Write(string kind, IEnumerable<object> choices, object? usage) =>
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            Id = _id, Object = kind, Created = _created, request.Completion.Model, Choices = choices, Usage = usage,
        }, Json);

    private object? Probabilities(IReadOnlyList<DrawnToken> tokens) => !request.TellsLogProbabilities ? null : new
    {
        Content = tokens.Select(token => new
        {
            Token = tokenizer.Decode([token.Token]), Logprob = token.LogProbability, Bytes = Bytes(token.Token),
            TopLogprobs = token.Alternatives.Select(other => new
            {
                Token = tokenizer.Decode([other.Token]), Logprob = other.LogProbability, Bytes = Bytes(other.Token),
            }),
        }),
    };

    // Numbers: a byte array would be written as base64.
    private int[] Bytes(int token) => [.. tokenizer.BytesOf(token).ToArray().Select(one => (int)one)];

    private int[]? Ids(IReadOnlyList<DrawnToken> tokens) =>
        request.TellsTokens ? [.. tokens.Select(token => token.Token)] : null;

    private static string Name(CompletionEnd end) => end == CompletionEnd.Stop ? "stop" : "length";
}

/// <summary>A whole completion.</summary>
/// <param name="Text">Without special tokens and what ended it.</param>
/// <param name="Tokens">Every token, that which ended it included.</param>
/// <param name="End">Why it ended.</param>
public sealed record WholeCompletion(string Text, IReadOnlyList<DrawnToken> Tokens, CompletionEnd End)
{
    /// <summary>Gathers a request's parts.</summary>
    /// <param name="parts">As they come.</param>
    /// <param name="count">Completions.</param>
    public static async Task<WholeCompletion[]> GatherAsync(IAsyncEnumerable<CompletionPart> parts, int count)
    {
        var texts = Enumerable.Range(0, count).Select(_ => new StringBuilder()).ToArray();
        var tokens = Enumerable.Range(0, count).Select(_ => new List<DrawnToken>()).ToArray();
        var ends = new CompletionEnd[count];
        await foreach (var part in parts.ConfigureAwait(false))
        {
            texts[part.Completion].Append(part.Text);
            tokens[part.Completion].Add(part.Token);
            ends[part.Completion] = part.End ?? ends[part.Completion];
        }

        return [.. Enumerable.Range(0, count).Select(i =>
            new WholeCompletion(texts[i].ToString(), tokens[i], ends[i]))];
    }
}
