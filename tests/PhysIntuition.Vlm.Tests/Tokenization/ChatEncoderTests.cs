using PhysIntuition.Vlm.Models;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class ChatEncoderTests
{
    private const int ImagePad = 151655, VideoPad = 151656, End = 151645;

    private static readonly ImageOptions s_options = new() { MinPixels = 1024, MinVideoPixels = 1024 };

    [Fact]
    public void Encode_PictureAndAnswer_HasPadsPatchesAndLabels()
    {
        var encoder = Encoder(ChatTemplate.Qwen3Vl);
        ChatMessage[] messages =
            [new("user", [new ImagePart(Picture(96, 64)), new TextPart("this is it")]), new("assistant", "that")];

        var chat = encoder.Encode(messages);

        // 96 x 64 pixels are 3 x 2 tokens of 32 x 32 pixels.
        Assert.Equal(6, chat.Ids.Count(id => id == ImagePad));
        Assert.Equal(new PatchGrid(1, 4, 6), Assert.Single(chat.Images).Grid);
        var answer = encoder.Tokenizer.Encode("that<|im_end|>\n");
        Assert.Equal(answer, chat.Ids[^answer.Count..]);
        Assert.All(chat.IsAnswer[^answer.Count..], Assert.True);
        Assert.All(chat.IsAnswer[..^answer.Count], Assert.False);
    }

    [Fact]
    public void Encode_PromptOfAnAnswer_IsThePrefixOfTheTrainedChat()
    {
        var encoder = Encoder(ChatTemplate.Qwen25Vl);
        var user = new ChatMessage("user", "is it");

        var prompt = encoder.Encode([user], new ChatOptions { AddGenerationPrompt = true });
        var trained = encoder.Encode([user, new ChatMessage("assistant", "\n\nthat")]);

        Assert.Equal(prompt.Ids, trained.Ids[..prompt.Ids.Length]);
        Assert.Equal(prompt.Ids.Length, Array.IndexOf(trained.IsAnswer, true));
    }

    [Fact]
    public void Encode_VideoForQwen3_WritesTheTimeOfEveryPatch()
    {
        var encoder = Encoder(ChatTemplate.Qwen3Vl);
        var video = new VideoPart([.. Enumerable.Repeat(Picture(64, 32), 3)], [0, 0.5, 1]);

        var chat = encoder.Encode([new ChatMessage("user", [video])]);

        // Patches of two frames: mean times 0.25 (a tie, to the even digit) and 1; each is 2 x 1 tokens.
        var text = encoder.Tokenizer.Decode(chat.Ids);
        const string pads = "<|vision_start|><|video_pad|><|video_pad|><|vision_end|>";
        Assert.Contains($"<0.2 seconds>{pads}<1.0 seconds>{pads}<|im_end|>", text);
        Assert.Equal(new PatchGrid(2, 2, 4), Assert.Single(chat.Videos).Grid);
    }

    [Fact]
    public void Encode_VideoForQwen25_IsOneBlock()
    {
        var video = new VideoPart([.. Enumerable.Repeat(Picture(64, 32), 4)]);

        var chat = Encoder(ChatTemplate.Qwen25Vl).Encode([new ChatMessage("user", [video])]);

        Assert.Equal(4, chat.Ids.Count(id => id == VideoPad));
        Assert.Equal(2, chat.Ids.Count(id => id == End));
    }

    [Fact]
    public void Encode_VisionWithoutPixels_IsRefused()
    {
        var encoder = Encoder(ChatTemplate.Qwen3Vl);

        Assert.Contains("no pixels", Assert.Throws<ArgumentException>(
            () => encoder.Encode([new ChatMessage("user", [new ImagePart()])])).Message);
        Assert.Contains("3 frames and 0 times", Assert.Throws<ArgumentException>(() => encoder.Encode(
            [new ChatMessage("user", [new VideoPart([.. Enumerable.Repeat(Picture(64, 32), 3)])])])).Message);
    }

    [Theory]
    [InlineData(0.25, "0.2")]    // exact ties go to the even digit
    [InlineData(0.75, "0.8")]
    [InlineData(0.35, "0.3")]    // 0.35 is below its decimal
    [InlineData(0.15, "0.1")]    // 0.15 is below, too
    [InlineData(12.75, "12.8")]
    [InlineData(3, "3.0")]
    public void Format_Seconds_RoundsAsPython(double seconds, string expected) =>
        Assert.Equal(expected, VideoTimes.Format(seconds));

    private static ChatEncoder Encoder(ChatTemplate template) => new(
        template, Tokenizer.Load(Vectors.At("tokenizer/qwen_prefix_tokenizer.json")), new ImageProcessor(s_options));

    private static RgbImage Picture(int width, int height) => new(width, height, new byte[width * height * 3]);
}
