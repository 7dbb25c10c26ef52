using System.Text.Json;

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

    [Fact]
    public void Write_AnyTexts_LearnsTheMergesOfTheAlgorithmAsItWasPublished()
    {
        // Sennrich et al. 2016, algorithm 1, on whole words; equal counts: the pair that comes first by ordinal.
        string[] texts = ["low low low low low lower lower newest newest newest newest newest newest", "widest widest"];
        BytePairLearner.Write(_folder.At("tokenizer.json"), texts, merges: 12);
        var words = string.Join(' ', texts[0], "|", texts[1]).Split('|').SelectMany(text => Words(text.Trim()))
            .GroupBy(word => word).Select(group => (Parts: group.Key.Select(c => c.ToString()).ToList(), group.Count()))
            .ToList();

        var learned = new List<string>();
        for (var merge = 0; merge < 12; merge++)
        {
            var best = words
                .SelectMany(word => word.Parts.Zip(word.Parts.Skip(1)).Select(pair => (pair, word.Item2)))
                .GroupBy(item => item.pair, (pair, all) => (pair, Count: all.Sum(item => item.Item2)))
                .Where(item => item.Count > 1)
                .OrderByDescending(item => item.Count)
                .ThenBy(item => item.pair.First, StringComparer.Ordinal)
                .ThenBy(item => item.pair.Second, StringComparer.Ordinal).First().pair;
            learned.Add($"{best.First} {best.Second}");
            foreach (var (parts, _) in words)
            {
                for (var i = parts.Count - 2; i >= 0; i--)
                {
                    if (i + 1 < parts.Count && parts[i] == best.First && parts[i + 1] == best.Second)
                    {
                        parts[i] += parts[i + 1];
                        parts.RemoveAt(i + 1);
                    }
                }
            }
        }

        using var json = JsonDocument.Parse(File.ReadAllBytes(_folder.At("tokenizer.json")));
        Assert.Equal(learned, json.RootElement.GetProperty("model").GetProperty("merges").EnumerateArray()
            .Select(merge => $"{merge[0].GetString()} {merge[1].GetString()}"));

        // A space belongs to the word behind it and is written as U+0120.
        static IEnumerable<string> Words(string text) =>
            text.Split(' ').Select((word, i) => i == 0 ? word : "\u0120" + word);
    }
}
