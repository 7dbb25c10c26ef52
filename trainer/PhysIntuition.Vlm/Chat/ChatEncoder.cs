using PhysIntuition.Vlm.Images;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Vlm.Chat;

/// <summary>A chat as a model takes it.</summary>
/// <param name="Ids">Token ids; every picture has as many pads as it has tokens.</param>
/// <param name="IsAnswer">As long as the ids: whether the assistant wrote the token.</param>
/// <param name="Images">Patches of the pictures, in the order of the text.</param>
/// <param name="Videos">Patches of the videos, likewise.</param>
public sealed record EncodedChat(
    int[] Ids, bool[] IsAnswer, IReadOnlyList<ImagePatches> Images, IReadOnlyList<ImagePatches> Videos)
{
    /// <summary>What the loss does not look at.</summary>
    public const long Ignored = -100;

    /// <summary>Labels for supervised training: the assistant's tokens, everything else ignored.</summary>
    public long[] Labels() => [.. Ids.Select((id, i) => IsAnswer[i] ? id : Ignored)];
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

        return new EncodedChat([.. ids], [.. isAnswer], pictures, videos);
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
