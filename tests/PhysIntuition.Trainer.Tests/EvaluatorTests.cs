using PhysIntuition.Trainer.Rollouts;

namespace PhysIntuition.Trainer;

public sealed class EvaluatorTests
{
    [Fact]
    public void Summarise_Scores_GivesMeanIntervalAndShares()
    {
        Score[] own = [new(1, true), new(0, true), new(-1, false), new(1, true)];
        Score[] expert = [new(1, true), new(1, true), new(1, true), new(1, true)];

        var result = Evaluator.Summarise(own, expert);

        // Mean 1/4; squared deviations 9/16, 1/16, 25/16, 9/16: variance (44/16) / 3.
        Assert.Equal(0.25, result.Reward);
        Assert.Equal(1.96 * Math.Sqrt(44 / 48.0) / 2, result.Interval, 1e-12);
        Assert.Equal((0.5, 0.75, 1.0), (result.AsExpert, result.Readable, result.ExpertReward));
    }

    [Theory]
    [InlineData("test", "Stability-v1")]
    [InlineData("test/tall-v1", "Stability-v1 tall-v1")]
    public void Column_OfASplit_NamesTheSuiteAlone(string split, string column) =>
        Assert.Equal(column, Given("tiny", split).Column);

    [Fact]
    public void Csv_Cell_HasAColumnForEachNameAndQuotesWhatSeparates()
    {
        var line = Given("tiny, \"trained\"", "test/tall-v1").Csv;

        Assert.Equal(
            "\"tiny, \"\"trained\"\"\",Stability-v1,test/tall-v1,3,40,200,0.3333,0.05,0.25,0.1,0.5,1,0.9", line);
        Assert.Equal(Cell.Header.Split(',').Length, line[line.IndexOf("Stability", StringComparison.Ordinal)..]
            .Split(',').Length + 1);
    }

    private static Cell Given(string model, string split) => new(
        model, "Stability-v1", split, Examples: 3, AdaptationSteps: 40, Success: 0.25, SuccessInterval: 0.1,
        new EvaluationResult(200, Reward: 1 / 3.0, Interval: 0.05, AsExpert: 0.5, Readable: 1, ExpertReward: 0.9));
}
