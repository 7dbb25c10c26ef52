using System.Globalization;
using System.Text;
using System.Text.Json;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>What is rendered besides the messages.</summary>
public sealed record ChatOptions
{
    /// <summary>Ends with the opening of the assistant's turn. Default false.</summary>
    public bool AddGenerationPrompt { get; init; }

    /// <summary>Puts "Picture 1: " and "Video 1: " before pictures and videos. Default false.</summary>
    public bool AddVisionId { get; init; }

    /// <summary>Schemas of the tools that the assistant may call; Qwen3-VL only.</summary>
    public IReadOnlyList<JsonElement> Tools { get; init; } = [];
}

/// <summary>A stretch of rendered text.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsAnswer">Whether the assistant wrote it: its content, end token and line end.</param>
/// <param name="Vision">The picture or video whose place this is; null for text.</param>
public sealed record ChatSegment(string Text, bool IsAnswer, ChatPart? Vision = null);

/// <summary>Renders messages as a model family was trained to read them (ChatML).</summary>
public sealed class ChatTemplate
{
    /// <summary>Where a picture's tokens go, once per picture.</summary>
    public const string ImagePlace = "<|vision_start|><|image_pad|><|vision_end|>";

    /// <summary>Where a video's tokens go.</summary>
    public const string VideoPlace = "<|vision_start|><|video_pad|><|vision_end|>";

    private const string DefaultSystem = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n";
    private const string ToolsBefore =
        "# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
        + "You are provided with function signatures within <tools></tools> XML tags:\n<tools>";

    private const string ToolsAfter =
        "\n</tools>\n\nFor each function call, return a json object with function name and arguments within "
        + "<tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, "
        + "\"arguments\": <args-json-object>}\n</tool_call>";

    private readonly bool _hasTools;
    private readonly bool _hasDefaultSystem;

    private ChatTemplate(bool hasTools, bool hasDefaultSystem) =>
        (_hasTools, _hasDefaultSystem) = (hasTools, hasDefaultSystem);

    /// <summary>Qwen3-VL: no default system turn, tools.</summary>
    public static ChatTemplate Qwen3Vl { get; } = new(hasTools: true, hasDefaultSystem: false);

    /// <summary>Qwen2.5-VL: a default system turn, no tools.</summary>
    public static ChatTemplate Qwen25Vl { get; } = new(hasTools: false, hasDefaultSystem: true);

    /// <summary>The whole chat as text, pictures and videos as one place each.</summary>
    public string Render(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null) =>
        string.Concat(Segments(messages, options).Select(segment => segment.Text));

    /// <summary>The chat in stretches, so that answers and vision can be told from the rest.</summary>
    /// <exception cref="ArgumentException">A role, or tools, that the family's template does not know.</exception>
    public IReadOnlyList<ChatSegment> Segments(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null)
    {
        options ??= new ChatOptions();
        Check(messages, options);
        var writer = new Writer(options.AddVisionId);
        if (options.Tools.Count > 0)
        {
            WriteTools(writer, messages, options.Tools);
        }
        else if (_hasDefaultSystem && messages is not [{ Role: "system" }, ..])
        {
            writer.Text(DefaultSystem);
        }

        for (var i = options.Tools.Count > 0 && messages is [{ Role: "system" }, ..] ? 1 : 0; i < messages.Count; i++)
        {
            WriteTurn(writer, messages, i);
        }

        writer.Text(options.AddGenerationPrompt ? "<|im_start|>assistant\n" : "");
        return writer.Finish();
    }

    private void Check(IReadOnlyList<ChatMessage> messages, ChatOptions options)
    {
        if (options.Tools.Count > 0 && !_hasTools)
        {
            throw new ArgumentException("This model family has no tools in its chat template; leave tools empty.");
        }

        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].Role;
            var isKnown = role is "user" or "assistant"
                || (role == "system" && i == 0) || (role == "tool" && _hasTools);
            if (!isKnown)
            {
                throw new ArgumentException($"messages[{i}] has role '{role}'; must be user, assistant, "
                    + $"{(_hasTools ? "tool, " : "")}or system as the first.");
            }

            if (role != "assistant" && messages[i].ToolCalls.Count > 0)
            {
                throw new ArgumentException($"messages[{i}] has tool calls; only an assistant's turn can.");
            }
        }
    }

    private static void WriteTools(
        Writer writer, IReadOnlyList<ChatMessage> messages, IReadOnlyList<JsonElement> tools)
    {
        writer.Text("<|im_start|>system\n");
        if (messages is [{ Role: "system" } system, ..])
        {
            writer.Parts(system.Parts, isAnswer: false);
            writer.Text("\n\n");
        }

        writer.Text(ToolsBefore);
        foreach (var tool in tools)
        {
            writer.Text("\n" + PythonJson.Write(tool));
        }

        writer.Text(ToolsAfter + "<|im_end|>\n");
    }

    private static void WriteTurn(Writer writer, IReadOnlyList<ChatMessage> messages, int index)
    {
        var message = messages[index];
        if (message.Role == "tool")
        {
            // Consecutive results share one user turn.
            writer.Text(index == 0 || messages[index - 1].Role != "tool" ? "<|im_start|>user" : "");
            writer.Text("\n<tool_response>\n");
            writer.Parts(message.Parts, isAnswer: false);
            writer.Text("\n</tool_response>");
            writer.Text(index + 1 == messages.Count || messages[index + 1].Role != "tool" ? "<|im_end|>\n" : "");
            return;
        }

        var isAnswer = message.Role == "assistant";
        writer.Text($"<|im_start|>{message.Role}\n");
        writer.Parts(message.Parts, isAnswer);
        writer.Text(Calls(message), isAnswer);
        writer.Text("<|im_end|>\n", isAnswer);
    }

    private static string Calls(ChatMessage message)
    {
        var hasContent = message.Parts.Any(part => part is not TextPart { Text: "" });
        var calls = message.ToolCalls.Select(call => $"<tool_call>\n{{\"name\": \"{call.Name}\", "
            + $"\"arguments\": {PythonJson.Write(call.Arguments)}}}\n</tool_call>");
        return (hasContent && message.ToolCalls.Count > 0 ? "\n" : "") + string.Join("\n", calls);
    }

    /// <summary>Collects text, joining stretches of the same kind.</summary>
    private sealed class Writer(bool addVisionId)
    {
        private readonly List<ChatSegment> _segments = [];
        private readonly StringBuilder _pending = new();
        private bool _isAnswer;
        private int _pictures;
        private int _videos;

        public void Text(string text, bool isAnswer = false)
        {
            if (isAnswer != _isAnswer)
            {
                Flush();
                _isAnswer = isAnswer;
            }

            _pending.Append(text);
        }

        public void Parts(IReadOnlyList<ChatPart> parts, bool isAnswer)
        {
            foreach (var part in parts)
            {
                switch (part)
                {
                    case TextPart text:
                        Text(text.Text, isAnswer);
                        break;
                    case ImagePart:
                        Text(addVisionId ? $"Picture {++_pictures}: " : "", isAnswer);
                        Vision(ImagePlace, part, isAnswer);
                        break;
                    case VideoPart:
                        Text(addVisionId ? $"Video {++_videos}: " : "", isAnswer);
                        Vision(VideoPlace, part, isAnswer);
                        break;
                    default:
                        throw new ArgumentException($"A message has a part of type {part.GetType().Name}.");
                }
            }
        }

        public IReadOnlyList<ChatSegment> Finish()
        {
            Flush();
            return _segments;
        }

        private void Vision(string place, ChatPart part, bool isAnswer)
        {
            Flush();
            _segments.Add(new ChatSegment(place, isAnswer, part));
        }

        private void Flush()
        {
            if (_pending.Length > 0)
            {
                _segments.Add(new ChatSegment(_pending.ToString(), _isAnswer));
                _pending.Clear();
            }
        }
    }
}

/// <summary>JSON with Python's separators and escapes: what the models saw in training.</summary>
internal static class PythonJson
{
    public static string Write(JsonElement value)
    {
        var builder = new StringBuilder();
        Write(value, builder);
        return builder.ToString();
    }

    private static void Write(JsonElement value, StringBuilder builder)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteList(value.EnumerateObject(), '{', '}', builder, item =>
                {
                    WriteString(item.Name, builder);
                    builder.Append(": ");
                    Write(item.Value, builder);
                });
                break;
            case JsonValueKind.Array:
                WriteList(value.EnumerateArray(), '[', ']', builder, item => Write(item, builder));
                break;
            case JsonValueKind.String:
                WriteString(value.GetString()!, builder);
                break;
            default:
                builder.Append(value.GetRawText());   // numbers, true, false and null are written alike
                break;
        }
    }

    private static void WriteList<T>(
        IEnumerable<T> items, char open, char close, StringBuilder builder, Action<T> write)
    {
        builder.Append(open);
        var isFirst = true;
        foreach (var item in items)
        {
            builder.Append(isFirst ? "" : ", ");
            isFirst = false;
            write(item);
        }

        builder.Append(close);
    }

    private static void WriteString(string text, StringBuilder builder)
    {
        builder.Append('"');
        foreach (var letter in text)
        {
            builder.Append(letter switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                '\f' => "\\f",
                < ' ' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}"),
                _ => letter.ToString(),
            });
        }

        builder.Append('"');
    }
}
