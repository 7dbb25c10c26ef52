using System.Globalization;
using System.Text.Json;
using PhysIntuition.Vlm.Models;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>A chat as a model takes it.</summary>
/// <param name="Ids">Token ids; every picture has as many pads as it has tokens.</param>
/// <param name="IsAnswer">As long as the ids: whether the assistant wrote the token.</param>
/// <param name="Images">Patches of the pictures, in the order of the text.</param>
/// <param name="Videos">Patches of the videos, likewise.</param>
public sealed record EncodedChat(
    int[] Ids, bool[] IsAnswer, IReadOnlyList<ImagePatches> Images, IReadOnlyList<ImagePatches> Videos)
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
    private const string VideoPad = "<|video_pad|>";

    /// <summary>The model's tokenizer.</summary>
    public Tokenizer Tokenizer { get; } = tokenizer;

    /// <summary>The family's template.</summary>
    public ChatTemplate Template { get; } = template;

    /// <summary>Encodes a chat.</summary>
    /// <param name="messages">The turns; pictures and videos must hold pixels.</param>
    /// <param name="options">What is rendered besides the messages.</param>
    public EncodedChat Encode(IReadOnlyList<ChatMessage> messages, ChatOptions? options = null)
    {
        var (ids, isAnswer) = (new List<int>(), new List<bool>());
        var (pictures, videos) = (new List<ImagePatches>(), new List<ImagePatches>());
        foreach (var segment in Template.Segments(messages, options))
        {
            var text = segment.Vision switch
            {
                ImagePart image => Expand(segment.Text, image, pictures),
                VideoPart video => Expand(segment.Text, video, videos),
                _ => segment.Text,
            };
            ids.AddRange(Tokenizer.Encode(text));
            isAnswer.AddRange(Enumerable.Repeat(segment.IsAnswer, ids.Count - isAnswer.Count));
        }

        return new EncodedChat([.. ids], [.. isAnswer], pictures, videos) { Messages = messages };
    }

    private string Expand(string place, ImagePart part, List<ImagePatches> pictures)
    {
        var patches = images.Process(part.Image
            ?? throw new ArgumentException("An image part has no pixels; give ImagePart an image."));
        pictures.Add(patches);
        return place.Replace(ImagePad, Repeat(ImagePad, images.Tokens(patches.Grid)), StringComparison.Ordinal);
    }

    private string Expand(string place, VideoPart part, List<ImagePatches> videos)
    {
        if (part.Frames is not { Count: > 0 } frames)
        {
            throw new ArgumentException("A video part has no frames; give VideoPart frames.");
        }

        var patches = images.ProcessVideo(frames);
        videos.Add(patches);
        if (Template != ChatTemplate.Qwen3Vl)
        {
            return place.Replace(VideoPad, Repeat(VideoPad, images.Tokens(patches.Grid)), StringComparison.Ordinal);
        }

        // Qwen3-VL: every temporal patch stands by itself behind the time of its middle.
        var perPatch = images.Tokens(patches.Grid with { Time = 1 });
        var block = place.Replace(VideoPad, Repeat(VideoPad, perPatch), StringComparison.Ordinal);
        var times = VideoTimes.OfPatches(part.Times, frames.Count, images.Options.TemporalPatchSize);
        return string.Concat(times.Select(time => $"<{VideoTimes.Format(time)} seconds>{block}"));
    }

    private static string Repeat(string pad, int count) => string.Concat(Enumerable.Repeat(pad, count));
}

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

/// <summary>The times that Qwen3-VL writes before a video's temporal patches.</summary>
public static class VideoTimes
{
    /// <summary>The mean of the first and last frame's time of every temporal patch.</summary>
    /// <param name="times">Seconds, one per frame; the last one fills an incomplete patch.</param>
    /// <param name="frames">Number of frames.</param>
    /// <param name="patchFrames">Frames in one temporal patch.</param>
    public static IReadOnlyList<double> OfPatches(IReadOnlyList<double>? times, int frames, int patchFrames)
    {
        if (times is null || times.Count != frames)
        {
            throw new ArgumentException($"A video has {frames} frames and {times?.Count ?? 0} times; must be equal.");
        }

        var patches = (frames + patchFrames - 1) / patchFrames;
        return [.. Enumerable.Range(0, patches).Select(patch =>
        {
            var first = times[patch * patchFrames];
            var last = times[Math.Min((patch * patchFrames) + patchFrames, frames) - 1];
            return (first + last) / 2;
        })];
    }

    /// <summary>One decimal; the only exact ties, quarters, go to the even digit as Python's formatting does.</summary>
    public static string Format(double seconds)
    {
        var quarters = seconds * 4;
        var isTie = quarters == Math.Floor(quarters) && quarters % 2 != 0;
        var rounded = isTie ? Math.Floor(seconds) + (seconds - Math.Floor(seconds) < 0.5 ? 0.2 : 0.8) : seconds;
        return rounded.ToString("F1", CultureInfo.InvariantCulture);
    }
}
