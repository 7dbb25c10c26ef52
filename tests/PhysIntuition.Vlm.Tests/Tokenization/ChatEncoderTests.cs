using PhysIntuition.Vlm.Models;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class ChatEncoderTests
{
    private const int ImagePad = 151655;

    private static readonly ImageOptions s_options = new() { MinPixels = 1024 };

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
    public void Encode_PictureWithoutPixels_IsRefused()
    {
        var encoder = Encoder(ChatTemplate.Qwen3Vl);

        Assert.Contains("no pixels", Assert.Throws<ArgumentException>(
            () => encoder.Encode([new ChatMessage("user", [new ImagePart()])])).Message);
    }

    private static ChatEncoder Encoder(ChatTemplate template) => new(
        template, Tokenizer.Load(Vectors.At("tokenizer/qwen_prefix_tokenizer.json")), new ImageProcessor(s_options));

    private static RgbImage Picture(int width, int height) => new(width, height, new byte[width * height * 3]);
}
