namespace PhysIntuition.Vlm.Tokenization;

/// <summary>What is rendered besides the messages.</summary>
public sealed record ChatOptions
{
    /// <summary>Ends with the opening of the assistant's turn. Default false.</summary>
    public bool AddGenerationPrompt { get; init; }
}

/// <summary>A stretch of rendered text.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsAnswer">Whether the assistant wrote it: its content, end token and line end.</param>
/// <param name="Picture">The picture whose place this is; null for text.</param>
public sealed record ChatSegment(string Text, bool IsAnswer, ImagePart? Picture = null);

/// <summary>Renders messages as a model family was trained to read them (ChatML).</summary>
public sealed class ChatTemplate
{
    /// <summary>Where a picture's tokens go, once per picture.</summary>
    public const string ImagePlace = "<|vision_start|><|image_pad|><|vision_end|>";

    private const string DefaultSystem = "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n";

    private readonly bool _hasTools;
    private readonly bool _hasDefaultSystem;

    private ChatTemplate(bool hasTools, bool hasDefaultSystem) =>
        (_hasTools, _hasDefaultSystem) = (hasTools, hasDefaultSystem);

    /// <summary>Qwen3-VL: no default system turn, results of tools.</summary>
    public static ChatTemplate Qwen3Vl { get; } = new(hasTools: true, hasDefaultSystem: false);

    /// <summary>Qwen2.5-VL: a default system turn, no tools.</summary>
    public static ChatTemplate Qwen25Vl { get; } = new(hasTools: false, hasDefaultSystem: true);

    /// <summary>The whole chat as text, pictures as one place each.</summary>
    public string Render(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null) =>
        string.Concat(Segments(messages, options).Select(segment => segment.Text));

    /// <summary>The chat in stretches, so that answers and pictures can be told from the rest.</summary>
    /// <exception cref="ArgumentException">A role that the family's template does not know.</exception>
    public IReadOnlyList<ChatSegment> Segments(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null)
    {
        Check(messages);
        var writer = new Writer();
        if (_hasDefaultSystem && messages is not [{ Role: "system" }, ..])
        {
            writer.Text(DefaultSystem);
        }

        for (var i = 0; i < messages.Count; i++)
        {
            WriteTurn(writer, messages, i);
        }

        writer.Text(options is { AddGenerationPrompt: true } ? "<|im_start|>assistant\n" : "");
        return writer.Finish();
    }

    private void Check(IReadOnlyList<ChatMessage> messages)
    {
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
        }
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
        writer.Text("<|im_end|>\n", isAnswer);
    }

    /// <summary>Collects text, joining stretches of the same kind.</summary>
    private sealed class Writer
    {
        private readonly List<ChatSegment> _segments = [];
        private readonly StringBuilder _pending = new();
        private bool _isAnswer;

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
                    case ImagePart picture:
                        Flush();
                        _segments.Add(new ChatSegment(ImagePlace, isAnswer, picture));
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
