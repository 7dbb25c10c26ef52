namespace PhysIntuition.Leaderboard.Tests;

public sealed class StandingsTableTests
{
    private static readonly Anchors s_yesNo = new(0.5, 1);

    [Fact]
    public void Rank_TwoMethods_PutsTheBetterFirstAndTestsTheOtherAgainstIt()
    {
        var good = Given("good", [.. Enumerable.Repeat(1.0, 20)]);
        var chance = Given("chance", [.. Enumerable.Range(0, 20).Select(i => i % 4 < 2 ? 1.0 : 0.0)]);

        var table = StandingsTable.Rank([chance, good], s_yesNo);

        Assert.Equal(["good", "chance"], table.Select(row => row.Run.Request.Method));
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
        Assert.Equal((0.0, 2, 1.0), (row.Score.Mean, row.Attempts.Count, row.BestOfAttempts));
    }

    [Fact]
    public void Rank_AgentsBelowAnExpert_TestsEverybodyAgainstTheBestAgent()
    {
        var table = StandingsTable.Rank(
            [
                Given("expert", [1, 1, 1, 1], kind: PlayerKind.Baseline),
                Given("agent", [1, 0, 1, 1]),
                Given("worse", [0, 0, 0, 0]),
            ],
            s_yesNo);

        Assert.Equal([false, true, false], table.Select(row => row.VersusBest is null));
        Assert.Equal([0.5, -0.5], new[] { table[0], table[2] }.Select(row => row.VersusBest!.Value.Difference.Mean));
    }

    [Fact]
    public void Rank_BaselineThatPlayedTwice_CountsTheLongerRun()
    {
        var table = StandingsTable.Rank(
            [Given("chance", [0], kind: PlayerKind.Baseline), Given("chance", [1, 0], kind: PlayerKind.Baseline)],
            s_yesNo);

        Assert.Equal((0.5, 2), (Assert.Single(table).Score.Mean, table[0].Score.Count));
    }

    [Fact]
    public void Rank_ThreePeople_AreOneRowOverTheScenesThatTheyAnswered()
    {
        var table = StandingsTable.Rank(
            [
                Given("Ada", [1, 1, -1], kind: PlayerKind.Human, answered: 2),
                Given("Ben", [0, 0], kind: PlayerKind.Human, answered: 2),
                Given("", [-1], kind: PlayerKind.Human, answered: 0),
            ],
            s_yesNo);

        var row = Assert.Single(table);
        Assert.Equal(("People", PlayerKind.Human), (row.Run.Request.Method, row.Run.Request.Kind));
        Assert.Equal((0.5, 4, 2), (row.Score.Mean, row.Score.Count, row.Attempts.Count));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)] // An answer that could not be read.
    public void Rank_ConfidentAnswers_HaveACalibration(int wrong)
    {
        var run = Given("sure", [1, wrong]) with { Answers = [new(0, 0, "", 0.9), new(1, 0, "", 0.9)] };

        // Confidence 0.9, accuracy 0.5: one bin, a gap of 0.4; Brier (0.1^2 + 0.9^2) / 2.
        var calibration = StandingsTable.Rank([run], s_yesNo)[0].Calibration!;
        Assert.Equal(0.4, calibration.ExpectedError, 1e-12);
        Assert.Equal(0.41, calibration.Brier, 1e-12);
    }

    [Fact]
    public void Rank_EpisodesOfSeveralAnswers_AreAlsoListedByTheirNumber()
    {
        var run = new ScoredRun(
            Given("m", []).Run, [new(0, 1, 1, "", ""), new(2, 0, 3, "", ""), new(4, 1, 3, "", "")], []);

        Assert.Equal(
            [new AnswersTaken(1, 1, 1), new AnswersTaken(3, 2, 0.5)], StandingsTable.Rank([run], s_yesNo)[0].ByAnswers);
    }

    [Fact]
    public void Rank_NameOfNobody_HasARowForEachRun()
    {
        var table = StandingsTable.Rank([Given("m", [1], owner: ""), Given("m", [0], owner: "")], s_yesNo);

        Assert.Equal([1, 1], table.Select(row => row.Attempts.Count));
    }

    [Fact]
    public void Rank_RowsOfEnoughScenes_StandByTheLowerEndsOfTheirIntervals()
    {
        double[] even = [.. Enumerable.Range(0, 1000).Select(i => i % 10 < 6 ? 1.0 : 0.0)];
        var table = StandingsTable.Rank(
            [
                Given("lucky", [.. Enumerable.Repeat(9.0, 99)]), // One scene too few.
                Given("sure", even), // 0.6, from 0.569 on.
                Given("unsure", [.. even[..100].Select((reward, i) => i < 2 ? 1 : reward)]), // 0.6, from 0.502 on.
                Given("chance", [0, 1], kind: PlayerKind.Baseline),
            ],
            s_yesNo);

        Assert.Equal([("sure", 1), ("unsure", 2), ("chance", 0), ("lucky", 0)],
            table.Select(row => (row.Run.Request.Method, row.Rank)));
    }

    [Fact]
    public void Compare_ScenesOfOtherOptions_AreNoPairs()
    {
        var (first, second) = (Given("a", [1, 1]), Given("b", [1, 0]));
        var other = second with { Results = [second.Results[0], second.Results[1] with { SceneHash = "other" }] };

        Assert.Equal(1, StandingsTable.Compare(first, second)!.Value.Difference.Mean);
        Assert.Null(StandingsTable.Compare(first, other));
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

    [Fact]
    public void Of_RunsOfAnAxisASuiteAndAnotherMethod_HaveColumnsOfTheirOwnAndArePooled()
    {
        ScoredRun With(ScoredRun run, string suite, string axis) =>
            run with { Run = run.Run with { Request = run.Run.Request with { Suite = suite, Axis = axis } } };
        ScoredRun[] runs =
        [
            With(Given("a", [1, 0], trainedOn: "Offset-v1"), "", "taller"),
            With(Given("a", [1, 1], trainedOn: "Offset-v1"), "tall-v1", ""),
            Given("a", [0, 0, 0], trainedOn: "Offset-v1"), Given("b", [1], trainedOn: "Offset-v1"),
        ];

        var matrix = TransferMatrix.Of(runs, _ => new Anchors(0.5, 1));
        var own = TransferMatrix.Of(runs, _ => new Anchors(0.5, 1), method: "b");

        Assert.Equal(["Stability-v1", "Stability-v1 / taller", "Stability-v1/tall-v1"], matrix.EvaluatedOn);
        Assert.Equal((2, 4, 0.25, -0.5), (matrix[0, 0]!.Runs, matrix[0, 0]!.Score.Count, matrix[0, 0]!.Score.Mean,
            matrix[0, 0]!.Normalised));
        Assert.Equal((0.0, 1.0), (matrix[0, 1]!.Normalised, matrix[0, 2]!.Normalised));
        Assert.Equal(1, Assert.Single(own.Cells)!.Score.Mean);
    }

    [Fact]
    public void All_PublishedFigures_NameTaskSourceAndAnIntervalOnlyWithACount() =>
        Assert.All(PublishedFigure.All, figure =>
        {
            Assert.Matches(@"^\w+-v\d+$", figure.Task);
            Assert.Contains("arXiv", figure.Source, StringComparison.Ordinal);
            Assert.InRange(figure.Score.Mean, figure.Score.Low, figure.Score.High);
            Assert.Equal(figure.Score.Count == 0, figure.Score.High == figure.Score.Low);
        });

    private static ScoredRun Given(
        string method, double[] rewards, string trainedOn = "", string task = "Stability-v1",
        PlayerKind kind = PlayerKind.Agent, int answered = int.MaxValue, string owner = "me") => new(
        new Run
        {
            Id = RunTokens.NewId(),
            TokenHash = "",
            Season = "s",
            Request = new RunSpec
            {
                Method = method, Kind = kind, Task = task, TrainedOn = trainedOn, Count = rewards.Length, Owner = owner,
            },
            State = RunState.Closed,
            OpenedAt = default,
            Deadline = default,
        },
        [.. rewards.Select((reward, scene) => new SceneResult(scene, reward, scene < answered ? 1 : 0, "", ""))],
        []);
}
