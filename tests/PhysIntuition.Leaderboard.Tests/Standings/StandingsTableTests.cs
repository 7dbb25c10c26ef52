using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Standings;

namespace PhysIntuition.Leaderboard.Tests.Standings;

public sealed class StandingsTableTests
{
    private static readonly Anchors s_yesNo = new(0.5, 1);

    [Fact]
    public void Rank_TwoMethods_PutsTheBetterFirstAndTestsTheOtherAgainstIt()
    {
        var good = Given("good", [.. Enumerable.Repeat(1.0, 20)]);
        var chance = Given("chance", [.. Enumerable.Range(0, 20).Select(i => i % 4 < 2 ? 1.0 : 0.0)]);

        var table = StandingsTable.Rank([chance, good], s_yesNo);

        Assert.Equal(["good", "chance"], table.Select(row => row.Request.Method));
        Assert.Equal([1, 0], table.Select(row => row.Normalised));
        // Of the ten common scenes (odd indices) five are discordant, all lost: p = 2 / 2^5.
        Assert.Equal(2 / 32.0, table[1].VersusBest!.Value.PValue, 1e-12);
        Assert.Null(table[0].VersusBest);
    }

    [Fact]
    public void Rank_SecondAttemptThatIsBetter_CountsTheFirstAndShowsTheGain()
    {
        var table = StandingsTable.Rank([Given("m", [0, 0]), Given("m", [1, 1])], s_yesNo);

        var row = Assert.Single(table);
        Assert.Equal((0.0, 2, 1.0), (row.Score.Mean, row.Attempts, row.BestOfAttempts));
    }

    [Fact]
    public void Rank_NobodyPlayed_IsEmpty() => Assert.Empty(StandingsTable.Rank([], s_yesNo));

    [Fact]
    public void Of_TrainedOnTwoTasks_FillsOnlyTheCellsThatWerePlayed()
    {
        var matrix = TransferMatrix.Of(
            [
                Given("a", [1, 1], trainedOn: "Stability-v1", task: "Stability-v1"),
                Given("a", [1, 0], trainedOn: "Stability-v1", task: "Offset-v1"),
                Given("b", [0, 1], trainedOn: "Offset-v1", task: "Offset-v1"),
                Given("c", [0, 0], trainedOn: "", task: "Offset-v1"),
            ],
            _ => s_yesNo);

        Assert.Equal(["Offset-v1", "Stability-v1"], matrix.TrainedOn);
        Assert.Equal(["Offset-v1", "Stability-v1"], matrix.EvaluatedOn);
        Assert.Null(matrix[0, 1]);
        Assert.Equal((0.5, 0.0), (matrix[1, 0]!.Score.Mean, matrix[1, 0]!.Normalised));
        Assert.Equal(1, matrix[1, 1]!.Normalised);
    }

    private static ScoredRun Given(
        string method, double[] rewards, string trainedOn = "", string task = "Stability-v1") => new(
        new Run
        {
            Id = RunTokens.NewId(),
            TokenHash = "",
            Season = "s",
            Request = new RunRequest { Method = method, Task = task, TrainedOn = trainedOn, Count = rewards.Length },
            State = RunState.Closed,
            OpenedAt = default,
            Deadline = default,
        },
        [.. rewards.Select((reward, scene) => new SceneResult(scene, reward, 1, "", ""))],
        []);
}
