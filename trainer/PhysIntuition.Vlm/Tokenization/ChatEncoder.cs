namespace PhysIntuition.Vlm.Tokenization;

/// <summary>A chat as a model takes it.</summary>
/// <param name="Ids">Token ids; every picture has as many pads as it has tokens.</param>
/// <param name="IsAnswer">As long as the ids: whether the assistant wrote the token.</param>
/// <param name="Images">Patches of the pictures, in the order of the text.</param>
public sealed record EncodedChat(int[] Ids, bool[] IsAnswer, IReadOnlyList<ImagePatches> Images)
{
    /// <summary>The messages, for who encodes them otherwise; empty where there were none.</summary>
    public IReadOnlyList<ChatMessage> Messages { get; init; } = [];
}

/// <summary>Template, image preprocessing and tokenizer in one: from messages to a model's input.</summary>
/// <remarks>
/// Stretches are tokenised one by one, so the prompt of a trained answer has the tokens that it has when the answer is
/// generated.
/// </remarks>
/// <param name="template">The family's template.</param>
/// <param name="tokenizer">The model's tokenizer.</param>
/// <param name="images">The model's image preprocessing.</param>
public sealed class ChatEncoder(ChatTemplate template, Tokenizer tokenizer, ImageProcessor images)
{
    private const string ImagePad = "<|image_pad|>";

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>The family's template.</summary>
    public ChatTemplate Template { get; } = template;

    /// <summary>Encodes a chat.</summary>
    /// <param name="messages">The turns; pictures must hold pixels.</param>
    /// <param name="options">What is rendered besides the messages.</param>
    public EncodedChat Encode(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null)
    {
        var (ids, isAnswer, pictures) = (new List<int>(), new List<bool>(), new List<ImagePatches>());
        foreach (var segment in Template.Segments(messages, options))
        {
            var text = segment.Picture is { } picture ? Expand(segment.Text, picture, pictures) : segment.Text;
            ids.AddRange(Tokenizer.Encode(text));
            isAnswer.AddRange(Enumerable.Repeat(segment.IsAnswer, ids.Count - isAnswer.Count));
        }

        return new EncodedChat([.. ids], [.. isAnswer], pictures) { Messages = messages };
    }

    private string Expand(string place, ImagePart part, List<ImagePatches> pictures)
    {
        var patches = images.Process(part.Image
            ?? throw new ArgumentException("An image part has no pixels; give ImagePart an image."));
        pictures.Add(patches);
        var pads = Enumerable.Repeat(ImagePad, images.Tokens(patches.Grid));
        return place.Replace(ImagePad, string.Concat(pads), StringComparison.Ordinal);
    }
}

/// <summary>A part of a message: text or a picture.</summary>
public abstract record ChatPart;

/// <summary>Text, rendered as it stands.</summary>
/// <param name="Text">Not trimmed.</param>
public sealed record TextPart(string Text) : ChatPart;

/// <summary>A picture.</summary>
/// <param name="Image">Its pixels; null where only the text is rendered.</param>
public sealed record ImagePart(RgbImage? Image = null) : ChatPart;

/// <summary>One turn.</summary>
/// <param name="Role">"system", "user", "assistant" or "tool".</param>
/// <param name="Parts">The content, in order.</param>
public sealed record ChatMessage(string Role, IReadOnlyList<ChatPart> Parts)
{
    /// <summary>A turn of text alone.</summary>
    public ChatMessage(string role, string text)
        : this(role, [new TextPart(text)])
    {
    }
}
