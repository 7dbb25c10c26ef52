namespace PhysIntuition.Trainer.Recipes;

public sealed class CurriculumTests
{
    private const string Levels = """[{"difficulty":"easy"},{"difficulty":"any"},{"difficulty":"hard"}]""";

    [Fact]
    public void Add_SuccessOverAWholeWindow_RisesByOneLevel()
    {
        var curriculum = Curriculum.Read(Levels, target: 0.8, window: 2)!;

        double[] successes = [1, 0.5, 0.9, 0.9, 1, 0.7, 1, 1, 1];
        var levels = successes.Select(success =>
        {
            curriculum.Add(success);
            return curriculum.Level;
        });

        // Means of two: 0.75, 0.7, 0.9 rises and begins a new window: (1, 0.7) is 0.85 and rises to the last level.
        Assert.Equal([0, 0, 0, 1, 1, 2, 2, 2, 2], levels);
        Assert.Equal("""{"difficulty":"hard"}""", curriculum.Options);
    }

    [Fact]
    public void State_TakenOver_GoesOnTheSame()
    {
        var (first, second) = (Curriculum.Read(Levels, 0.8, 2)!, Curriculum.Read(Levels, 0.8, 2)!);
        first.Add(1);
        second.State = first.State;

        first.Add(1);
        second.Add(1);

        Assert.Equal((1, 1), (first.Level, second.Level));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("[]")]
    [InlineData("easy")]
    public void Read_NoListOfOptions_ShowsOne(string json) => Assert.Contains("easiest first",
        Assert.Throws<ArgumentException>(() => Curriculum.Read(json, 0.8, 2)).Message);

    [Fact]
    public void EarlyStopping_NoBetterEvaluations_EndsAfterItsPatience()
    {
        var stopping = new EarlyStopping(patience: 2);

        Assert.Equal([true, true, false], new[] { 0.1, 0.3, 0.2 }.Select(stopping.Add));
        Assert.False(stopping.IsOver);
        var other = new EarlyStopping(patience: 2) { State = stopping.State };
        Assert.False(other.Add(0.3));
        Assert.True(other.IsOver);
    }
}
