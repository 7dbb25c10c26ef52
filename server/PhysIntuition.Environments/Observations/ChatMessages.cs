using System.Buffers;
using System.Text.Json;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Observations;

/// <summary>The observation "messages": what a slot shows, as turns of a chat in OpenAI's form.</summary>
/// <remarks>
/// An episode begins with a system turn and the question; after an answer comes one user turn with what came of it,
/// and with the next question where there is one. Pictures stand in user turns alone, as PNG data URIs: the templates
/// of several models drop those of other roles. The answers themselves are the caller's to put between.
/// </remarks>
public static class ChatMessages
{
    /// <summary>The system turn.</summary>
    public const string System = "You are shown a picture and asked about it. Answer in the form that is asked for.";

    private const string UserTurn =
        """{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,""";

    private const int RowsAtOnce = 32;   // drawn through one buffer, encoded on all threads

    private static readonly JsonEncodedText s_system = JsonEncodedText.Encode(System);

    /// <summary>Reads the new turns of slots, as one JSON array for each.</summary>
    /// <param name="batch">Between two calls.</param>
    /// <param name="slots">One for each row.</param>
    /// <param name="format">Size of the pictures; drawn in colour whatever its channels.</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="outcome">What is shown of ended ones; null: as the batch's options say.</param>
    public static string[] Read(
        EnvironmentBatch batch, ReadOnlySpan<int> slots, in FrameFormat format,
        ObservationTime time = ObservationTime.Now, TerminalView? outcome = null)
    {
        var coloured = format with { Channels = Channels.Rgb };
        var bytes = coloured.BytesOf(Channels.Rgb);
        var (width, height) = (format.Width, format.Height);
        var messages = new string[slots.Length];
        var pixels = ArrayPool<byte>.Shared.Rent(Math.Min(RowsAtOnce, slots.Length) * bytes);
        try
        {
            for (var first = 0; first < slots.Length; first += RowsAtOnce)
            {
                var rows = slots.Slice(first, Math.Min(RowsAtOnce, slots.Length - first)).ToArray();
                batch.View.Render(rows, coloured, new FrameBuffers { Rgb = pixels }, time, outcome);
                var start = first;
                Parallel.For(0, rows.Length, row => messages[start + row] = Write(
                    Turn.Of(batch, rows[row], time), pixels.AsSpan(row * bytes, bytes), width, height));
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

    private static string Write(Turn turn, ReadOnlySpan<byte> pixels, int width, int height)
    {
        var head = turn.IsFirst
            ? $$"""[{"role":"system","content":"{{s_system}}"},{{UserTurn}}"""
            : $"[{UserTurn}";
        var tail = string.Concat(
            "\"}},{\"type\":\"text\",\"text\":\"", JsonEncodedText.Encode(turn.Text).ToString(), "\"}]}]");
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

    private readonly record struct Turn(bool IsFirst, string Text)
    {
        public static Turn Of(EnvironmentBatch batch, int slot, ObservationTime time)
        {
            var (results, isFinal) = (batch.Results, time == ObservationTime.Final);
            if ((isFinal ? results.FinalSteps : results.Steps)[slot] == 0)
            {
                return new(true, batch.View.Prompt(slot, time));
            }

            var isOver = isFinal || results.Terminated[slot] || results.Truncated[slot];
            return new(false, Outcome(
                results.Verdicts[slot], results.ParseErrors[slot], isOver ? null : batch.View.Prompt(slot, time)));
        }
    }
}
