using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Encodings.Web;
using System.Text.Json;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Observations;

/// <summary>The observation "messages": what a slot shows, as turns of a chat in OpenAI's form.</summary>
/// <remarks>
/// An episode begins with a system turn and the question; after an answer comes one user turn with what came of it,
/// and with the next question where there is one. Pictures stand in user turns alone, as PNG data URIs: the templates
/// of several models drop those of other roles. Of new turns alone the answers are the caller's to put between.
/// </remarks>
public static class ChatMessages
{
    /// <summary>The system turn.</summary>
    public const string System = "You are shown a picture and asked about it. Answer in the form that is asked for.";

    private const string UserTurn =
        """{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,""";

    private const int RowsAtOnce = 32;   // drawn through one buffer, each encoded by whoever has drawn it

    private static readonly JsonEncodedText s_system = JsonEncodedText.Encode(System);

    /// <summary>Reads the turns of slots, as one JSON array for each.</summary>
    /// <param name="batch">Between two calls.</param>
    /// <param name="slots">One for each row.</param>
    /// <param name="format">Size of the pictures; drawn in colour whatever its channels.</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="outcome">What is shown of ended ones; null: as the batch's options say.</param>
    /// <param name="history">Which turns; those before the last answer only where the batch keeps them.</param>
    public static string[] Read(
        EnvironmentBatch batch, ReadOnlySpan<int> slots, in FrameFormat format,
        ObservationTime time = ObservationTime.Now, TerminalView? outcome = null, ChatHistory history = default)
    {
        var coloured = format with { Channels = Channels.Rgb };
        var bytes = coloured.BytesOf(Channels.Rgb);
        var (width, height) = (format.Width, format.Height);
        var messages = new string[slots.Length];
        var atOnce = history.KeepsTurns ? RowsAtOnce : Math.Min(RowsAtOnce, slots.Length);
        var pixels = ArrayPool<byte>.Shared.Rent(atOnce * bytes);
        try
        {
            for (var first = 0; first < slots.Length; first += RowsAtOnce)
            {
                var rows = slots.Slice(first, Math.Min(RowsAtOnce, slots.Length - first)).ToArray();
                var start = first;
                batch.View.Render(rows, coloured, new FrameBuffers
                {
                    Rgb = pixels,
                    Drawn = row => messages[start + row] = Write(
                        IsFirst(batch, rows[row], time), TextOf(batch, rows[row], time),
                        pixels.AsSpan(row * bytes, bytes), width, height),
                }, time, outcome);
            }

            if (history.KeepsTurns)
            {
                AddPast(batch, slots, coloured, time, history, pixels, messages);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(pixels);
        }

        return messages;
    }

    /// <summary>The text of a turn after an answer.</summary>
    /// <param name="verdict">What came of it; null: nothing is said.</param>
    /// <param name="parseError">Why it could not be read; null: it could.</param>
    /// <param name="question">The next one; null: the episode is over.</param>
    public static string Outcome(string? verdict, string? parseError, string? question)
    {
        string?[] lines =
        [
            verdict,
            parseError is null ? null : $"The answer could not be read: {parseError}",
            question ?? "The episode is over.",
        ];
        return string.Join('\n', lines.OfType<string>());
    }

    /// <summary>What the turn says that a slot shows.</summary>
    internal static string TextOf(EnvironmentBatch batch, int slot, ObservationTime time)
    {
        var episode = batch.View.EpisodeAt(slot, time);
        if (episode.Steps == 0)
        {
            return batch.View.Prompt(slot, time);
        }

        var isOver = time == ObservationTime.Final || batch.IsDone(slot);
        return Outcome(
            batch.IsWithheld ? null : episode.LastVerdict, episode.LastError,
            isOver ? null : batch.View.Prompt(slot, time));
    }

    private static bool IsFirst(EnvironmentBatch batch, int slot, ObservationTime time) =>
        batch.View.EpisodeAt(slot, time).Steps == 0;

    // Puts the earlier turns before the ones that are there.
    private static void AddPast(
        EnvironmentBatch batch, ReadOnlySpan<int> slots, FrameFormat format, ObservationTime time, ChatHistory history,
        byte[] pixels, string[] messages)
    {
        var (turns, counts) = (new List<PastTurn>(), new int[slots.Length]);
        for (var row = 0; row < slots.Length; row++)
        {
            var past = batch.View.EpisodeAt(slots[row], time).Past;
            counts[row] = Math.Min(past.Count, history.Turns - 1);
            turns.AddRange(past[^counts[row]..]);
        }

        var written = Write(batch, turns, format, pixels);
        var next = 0;
        for (var row = 0; row < slots.Length; row++)
        {
            if (IsFirst(batch, slots[row], time))
            {
                continue;
            }

            var json = new StringBuilder($$"""[{"role":"system","content":"{{s_system}}"},""");
            for (var i = 0; i < counts[row]; i++, next++)
            {
                var answer = JavaScriptEncoder.Default.Encode(turns[next].Answer);
                json.Append(written[next].AsSpan(1, written[next].Length - 2))
                    .Append($$""",{"role":"assistant","content":"{{answer}}"},""");
            }

            messages[row] = json.Append(messages[row].AsSpan(1)).ToString();
        }
    }

    // As arrays of one user turn each.
    private static string[] Write(EnvironmentBatch batch, List<PastTurn> turns, FrameFormat format, byte[] pixels)
    {
        var (written, bytes) = (new string[turns.Count], format.BytesOf(Channels.Rgb));
        for (var first = 0; first < turns.Count; first += RowsAtOnce)
        {
            var some = turns[first..Math.Min(first + RowsAtOnce, turns.Count)].ToArray();
            var start = first;
            batch.View.RenderPast(some, format, new FrameBuffers
            {
                Rgb = pixels,
                Drawn = i => written[start + i] = Write(
                    isFirst: false, some[i].Text, pixels.AsSpan(i * bytes, bytes), format.Width, format.Height),
            });
        }

        return written;
    }

    private static string Write(bool isFirst, string text, ReadOnlySpan<byte> pixels, int width, int height)
    {
        var head = isFirst
            ? $$"""[{"role":"system","content":"{{s_system}}"},{{UserTurn}}"""
            : $"[{UserTurn}";
        var tail = string.Concat(
            "\"}},{\"type\":\"text\",\"text\":\"", JsonEncodedText.Encode(text).ToString(), "\"}]}]");
        var file = ArrayPool<byte>.Shared.Rent(PngEncoder.MaxBytes(width, height, PixelFormat.Rgb8));
        var length = PngEncoder.Encode(pixels, width, height, PixelFormat.Rgb8, file);
        // Written in one piece: the picture's letters are by far the most of it, and each copy of them would count.
        var json = string.Create(head.Length + ((length + 2) / 3 * 4) + tail.Length, (head, file, length, tail),
            static (letters, parts) =>
            {
                parts.head.CopyTo(letters);
                letters = letters[parts.head.Length..];
                Convert.TryToBase64Chars(parts.file.AsSpan(0, parts.length), letters, out var written);
                parts.tail.CopyTo(letters[written..]);
            });
        ArrayPool<byte>.Shared.Return(file);
        return json;
    }
}

/// <summary>Which turns of a chat are shown.</summary>
/// <param name="Turns">Most turns of the user, with the answers between them and after the system's turn; 0: those
/// since the last answer alone.</param>
public readonly record struct ChatHistory(int Turns)
{
    /// <summary>What <see cref="TryParse"/> takes.</summary>
    public const string Rule = "it must be all, new or a whole number above 0";

    /// <summary>Those since the last answer.</summary>
    public static ChatHistory New => default;

    /// <summary>The whole conversation.</summary>
    public static ChatHistory All => new(int.MaxValue);

    /// <summary>Whether earlier turns have to be known.</summary>
    public bool KeepsTurns => Turns > 0;

    /// <summary>Reads <c>all</c>, <c>new</c> or a number of turns; empty is <c>new</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ChatHistory? history)
    {
        history = text switch
        {
            "" or "new" => New,
            "all" => All,
            _ when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 =>
                new ChatHistory(count),
            _ => null,
        };

        return history is not null;
    }
}
