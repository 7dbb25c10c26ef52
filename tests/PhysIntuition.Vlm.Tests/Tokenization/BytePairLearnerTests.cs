using PhysIntuition.Vlm.Testing;

namespace PhysIntuition.Vlm.Tokenization;

public sealed class BytePairLearnerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_RepeatedWords_BecomeSingleTokens()
    {
        BytePairLearner.Write(_folder.At("tokenizer.json"), ["tower tower tower", "tower block"], merges: 100);

        var tokenizer = Tokenizer.Load(_folder.Root);

        // "tower" and " tower" are learned whole; "block" occurs once, so no pair of it is worth a merge.
        Assert.Equal(3, tokenizer.Encode("tower tower<|im_end|>").Count);
        Assert.Equal(6, tokenizer.Encode(" block").Count);
        Assert.Equal("tower é🚀", tokenizer.Decode(tokenizer.Encode("tower é🚀").ToArray()));
        Assert.Equal(tokenizer.Size - 1, tokenizer.IdOf("<|video_pad|>"));
    }

    [Fact]
    public void Write_SameTexts_GiveTheSameFile()
    {
        string[] texts = ["the block falls, the tower stands", "a block, a tower"];
        BytePairLearner.Write(_folder.At("a.json"), texts, merges: 8);
        BytePairLearner.Write(_folder.At("b.json"), texts, merges: 8);

        Assert.Equal(File.ReadAllBytes(_folder.At("a.json")), File.ReadAllBytes(_folder.At("b.json")));
        Assert.Equal(256 + 8 + 8, Tokenizer.Load(_folder.At("a.json")).Size);
    }
}
