using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Answers without a model: a scripted player, or a file of recorded answers.</summary>
/// <param name="name">The model id that it answers with.</param>
/// <param name="answer">From the place of a question, see <see cref="QuestionPlace"/>, to the answer.</param>
public sealed class ScriptedClient(string name, Func<QuestionPlace, string> answer) : IChatClient
{
    /// <summary>The name under which options carry the place of a question.</summary>
    public const string PlaceName = "physintuition.place";

    /// <summary>Answers from lines such as {"seed": 3, "answer": "..."}; "task" and "turn" narrow it.</summary>
    /// <exception cref="ArgumentException">A line cannot be read.</exception>
    public static ScriptedClient FromFile(string path)
    {
        var recorded = new Dictionary<(string Task, ulong Seed, int Turn), string>();
        foreach (var (line, number) in File.ReadLines(path).Select((line, i) => (line, i + 1)))
        {
            try
            {
                using var item = JsonDocument.Parse(line);
                var task = item.RootElement.TryGetProperty("task", out var named) ? named.GetString()! : "";
                var turn = item.RootElement.TryGetProperty("turn", out var nth) ? nth.GetInt32() : 0;
                recorded[(task, item.RootElement.GetProperty("seed").GetUInt64(), turn)] =
                    item.RootElement.GetProperty("answer").GetString()!;
            }
            catch (Exception wrong) when (
                wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                throw new ArgumentException(
                    $"{path}, line {number}, is no recorded answer: {wrong.Message} "
                    + "Write {\"seed\": 3, \"answer\": \"...\"}.", wrong);
            }
        }

        return new ScriptedClient(Path.GetFileName(path), place =>
            recorded.GetValueOrDefault((place.Task, place.Seed, place.Turn))
            ?? recorded.GetValueOrDefault(("", place.Seed, place.Turn))
            ?? throw new KeyNotFoundException(
                $"{path} has no answer for scene {place.Seed}, turn {place.Turn}, of {place.Task}."));
    }

    /// <inheritdoc/>
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var place = (QuestionPlace)options!.AdditionalProperties![PlaceName]!;
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, answer(place)))
        {
            ModelId = name, FinishReason = ChatFinishReason.Stop,
        });
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var whole = await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false);
        foreach (var update in whole.ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is null && serviceType.IsInstanceOfType(this) ? this : null;

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}

/// <summary>Where a question stands, for who answers without reading it.</summary>
/// <param name="Task">With version.</param>
/// <param name="Seed">The scene's.</param>
/// <param name="Turn">From 0 on.</param>
/// <param name="Slot">The scene's place in its environment.</param>
public sealed record QuestionPlace(string Task, ulong Seed, int Turn, int Slot);
