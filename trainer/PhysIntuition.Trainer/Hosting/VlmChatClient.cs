using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Microsoft.Extensions.AI;
using PhysIntuition.Rendering.Encoding;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatOptions = Microsoft.Extensions.AI.ChatOptions;
using VlmMessage = PhysIntuition.Vlm.Tokenization.ChatMessage;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Our own model as a chat client, in this process.</summary>
/// <param name="engine">Who writes; stays the caller's.</param>
/// <param name="settings">What chat options have no member for: top-k and min-p.</param>
public sealed class VlmChatClient(ModelEngine engine, SamplingOptions? settings = null) : IChatClient
{
    private const int DefaultMaxTokens = 4096;

    private static readonly Vlm.Tokenization.ChatOptions s_answer = new() { AddGenerationPrompt = true };

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var request = Request(messages, options);
        var whole = await WholeCompletion.GatherAsync(engine.CompleteAsync(request, cancellationToken), count: 1)
            .ConfigureAwait(false);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, whole[0].Text))
        {
            ModelId = request.Model, FinishReason = Reason(whole[0].End),
            Usage = new UsageDetails
            {
                InputTokenCount = request.Prompt.Ids.Length, OutputTokenCount = whole[0].Tokens.Count,
                TotalTokenCount = request.Prompt.Ids.Length + whole[0].Tokens.Count,
            },
            AdditionalProperties = new()
            {
                [Reply.ConfidenceName] =
                    Math.Min(1, Math.Exp(whole[0].Tokens.Sum(token => (double)token.LogProbability))),
            },
        };
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = Request(messages, options) with { Streams = true };
        await foreach (var part in engine.CompleteAsync(request, cancellationToken).ConfigureAwait(false))
        {
            yield return new ChatResponseUpdate(ChatRole.Assistant, part.Text)
            {
                ModelId = request.Model, FinishReason = part.End is { } end ? Reason(end) : null,
            };
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>A picture in any of the usual formats.</summary>
    /// <exception cref="Faults.PhysIntuitionException">It is none, or damaged.</exception>
    internal static ImagePart Picture(ReadOnlySpan<byte> file, string name)
    {
        var picture = PictureDecoder.Decode(file, name);
        return new ImagePart(new RgbImage(picture.Width, picture.Height, picture.Rgb));
    }

    /// <summary>A seed for who names none.</summary>
    internal static ulong AnySeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private CompletionRequest Request(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        var sampling = settings ?? new SamplingOptions();
        return new CompletionRequest(
            options?.ModelId ?? engine.Name, engine.Encoder.Encode([.. messages.Select(Read)], s_answer))
        {
            Sampling = sampling with
            {
                Temperature = options?.Temperature ?? sampling.Temperature, TopP = options?.TopP ?? sampling.TopP,
                TopK = options?.TopK ?? sampling.TopK,
            },
            MaxTokens = options?.MaxOutputTokens ?? DefaultMaxTokens,
            Seed = options?.Seed is { } seed ? (ulong)seed : AnySeed(),
            Stop = [.. options?.StopSequences ?? []],
            Constraint = options?.AdditionalProperties is { } properties
                && properties.TryGetValue(AnswerSchema.TaskMember, out string? task)
                ? engine.ConstraintOf(task, (string)properties[AnswerSchema.OptionsMember]!) : null,
        };
    }

    private static VlmMessage Read(ChatMessage message) => new(message.Role.Value,
    [
        .. message.Contents.Where(content => content is not TextReasoningContent).Select(content => content switch
        {
            TextContent text => (ChatPart)new TextPart(text.Text),
            DataContent data when data.HasTopLevelMediaType("image") => Picture(data.Data.Span, "picture"),
            _ => throw new ArgumentException(
                $"A message has a {content.GetType().Name}; must be text, or a picture as data."),
        }),
    ]);

    private static ChatFinishReason Reason(CompletionEnd end) =>
        end == CompletionEnd.Stop ? ChatFinishReason.Stop : ChatFinishReason.Length;
}
