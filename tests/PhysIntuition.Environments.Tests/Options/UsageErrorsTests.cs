using System.CommandLine;
using PhysIntuition.Environments.Options;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>What a misspelt command line is told.</summary>
public sealed class UsageErrorsTests
{
    [Theory]
    [InlineData("train stf", "'stf' is no command or argument of ./physintuition train. Did you mean 'sft'?",
        "See ./physintuition train --help.")]
    [InlineData("train", "Required command was not provided.", "See ./physintuition train --help.")]
    [InlineData("train sft --stesp 5", "'--stesp' is no option of ./physintuition train sft. Did you mean '--steps'?",
        "See ./physintuition train sft --help.")]
    [InlineData("train sft --qqqq", "'--qqqq' is no option of ./physintuition train sft.",
        "See ./physintuition train sft --help.")]
    [InlineData("train sft --task one two --stesp 5",
        "'--stesp' is no option of ./physintuition train sft. Did you mean '--steps'?",
        "See ./physintuition train sft --help.")]
    [InlineData("train sft --seeds 1 2 --stesp 5",
        "'--stesp' is no option of ./physintuition train sft. Did you mean '--steps'?",
        "See ./physintuition train sft --help.")]
    [InlineData("tran", "'tran' is no command or argument of ./physintuition. Did you mean 'train'?",
        "See ./physintuition --help.")]
    public void Of_LineThatIsWrong_NamesWhatWasMeantAndWhereHelpIs(string line, params string[] sentences) =>
        Assert.Equal(sentences, UsageErrors.Of(Root().Parse(line)));

    [Fact]
    public void Of_ValueThatIsRefused_IsToldInTheOptionsOwnWords()
    {
        var errors = UsageErrors.Of(Root().Parse("train sft --steps 0"));

        Assert.Equal(2, errors.Count);
        Assert.Contains("--steps", errors[0]);
    }

    [Theory]
    [InlineData("train sft --steps 5")]
    [InlineData("train sft --task one two --seeds 1 2 --steps 5")]
    [InlineData("train --help")]
    public void Of_LineThatIsRight_IsNothing(string line) => Assert.Empty(UsageErrors.Of(Root().Parse(line)));

    private static RootCommand Root()
    {
        var sft = new Command("sft")
        {
            NumberOption.Of("--steps", "Steps.", 1, new(1, 10)),
            NumberOption.Many<int>("--seeds", "Seeds.", new(1, 9)),
            new Option<string[]>("--task") { AllowMultipleArgumentsPerToken = true },
        };
        sft.SetAction(_ => 0);

        return new RootCommand { new Command("train") { sft } };
    }
}
