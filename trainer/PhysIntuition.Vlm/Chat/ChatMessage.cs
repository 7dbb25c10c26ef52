using System.Text.Json;
using PhysIntuition.Vlm.Images;

namespace PhysIntuition.Vlm.Chat;

/// <summary>A part of a message: text, a picture or a video.</summary>
public abstract record ChatPart;

/// <summary>Text, rendered as it stands.</summary>
/// <param name="Text">Not trimmed.</param>
public sealed record TextPart(string Text) : ChatPart;

/// <summary>A picture.</summary>
/// <param name="Image">Its pixels; null where only the text is rendered.</param>
public sealed record ImagePart(RgbImage? Image = null) : ChatPart;

/// <summary>A video.</summary>
/// <param name="Frames">Its sampled frames, of one size; null where only the text is rendered.</param>
/// <param name="Times">When each frame was taken, in seconds; as many as frames.</param>
public sealed record VideoPart(IReadOnlyList<RgbImage>? Frames = null, IReadOnlyList<double>? Times = null) : ChatPart;

/// <summary>A call that the assistant made.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">A JSON object.</param>
public sealed record ToolCall(string Name, JsonElement Arguments);

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

    /// <summary>Calls that follow the content of an assistant's turn.</summary>
    public IReadOnlyList<ToolCall> ToolCalls { get; init; } = [];
}
