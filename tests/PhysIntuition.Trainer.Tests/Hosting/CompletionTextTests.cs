using System.Text;
using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Hosting;

public sealed class CompletionTextTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Tokenizer _tokenizer;

    public CompletionTextTests()
    {
        TinyFolder.Write(_folder.Root, ["words of a prompt"]);
        _tokenizer = Tokenizer.Load(_folder.Root);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a prompt of words", "", "a prompt of words")]
    [InlineData("grün, 字, 🙂", "", "grün, 字, 🙂")]
    [InlineData("one STOP two", "STOP", "one ")]
    [InlineData("one STO", "STOP", "one STO")]
    [InlineData("one STOTSTOP", "STOP|TS", "one STO")]
    [InlineData("a\n\nb", "\n\n", "a")]
    public void Add_TokenByToken_TellsWholeCharactersAndNothingOfAStop(string written, string stops, string told)
    {
        var text = new CompletionText(_tokenizer, stops.Split('|', StringSplitOptions.RemoveEmptyEntries));
        int[] tokens = [.. _tokenizer.Encode(written)];
        var seen = new StringBuilder();

        for (var i = 0; i < tokens.Length && !text.IsStopped; i++)
        {
            seen.Append(text.Add(tokens[i], isLast: i == tokens.Length - 1));
            Assert.StartsWith(seen.ToString(), told);   // never more than what is certain
        }

        Assert.Equal(told, seen.ToString());
        Assert.Equal(told != written, text.IsStopped);
    }

    [Fact]
    public void Add_CharacterThatIsCutInItsMiddle_EndsInTheReplacementCharacterAsDecodingDoes()
    {
        int[] tokens = [.. _tokenizer.Encode("字")];
        Assert.True(tokens.Length > 1);
        var text = new CompletionText(_tokenizer, []);

        Assert.Equal(_tokenizer.Decode(tokens.AsSpan(0, 1)), text.Add(tokens[0], isLast: true));
    }
}
