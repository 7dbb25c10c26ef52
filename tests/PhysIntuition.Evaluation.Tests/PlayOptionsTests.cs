namespace PhysIntuition.Evaluation.Tests;

/// <summary>What <c>play</c> and <c>demo</c> say of options that cannot be.</summary>
public sealed class PlayOptionsTests
{
    [Theory]
    [InlineData("'--episodes' is 0; it must be a whole number in [1, 10000].", "play", "Push-v1", "--episodes", "0")]
    [InlineData("'--episodes' is 10001;", "play", "Stability-v1", "--episodes", "10001")]
    [InlineData("'--server' is 'here:there'; it must be HOST:PORT,", "play", "Stability-v1", "--server", "here:there")]
    [InlineData("See ./physintuition play --help.", "play")]
    [InlineData("Did you mean '--pictures'?", "play", "Stability-v1", "--picture", "here")]
    [InlineData("'--episodes' is 1025; it must be a whole number in [1, 1024].", "demo", "--episodes", "1025")]
    [InlineData("'--scenes' is 0; it must be a whole number in [1, 10000].", "demo", "--scenes", "0")]
    public void Run_OptionThatCannotBe_IsWrongUsageInASentence(string sentence, params string[] arguments)
    {
        using var said = new StringWriter();

        Assert.Equal(2, EvaluationCommands.Run(EvaluationCommands.Create(), arguments, said));
        Assert.Contains(sentence, said.ToString());
    }
}
