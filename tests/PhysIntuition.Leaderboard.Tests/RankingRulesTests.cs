using PhysIntuition.Simulation;

namespace PhysIntuition.Leaderboard.Tests;

/// <summary>What holds of every table, whoever played and in whatever order the runs come.</summary>
public sealed class RankingRulesTests
{
    private static readonly Anchors s_anchors = new(0.5, 1);

    public static TheoryData<ulong> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_RunsInAnotherOrder_GivesTheSameTable(ulong seed)
    {
        var runs = Draw(seed);
        var shuffled = runs.ToArray();
        new RandomStream(seed, 9).Shuffle<ScoredRun>(shuffled);

        Assert.Equal(Rows(StandingsTable.Rank(runs, s_anchors)), Rows(StandingsTable.Rank(shuffled, s_anchors)));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_Agents_AreNumberedByTheLowerEndWithoutGaps(ulong seed)
    {
        var table = StandingsTable.Rank(Draw(seed), s_anchors);
        var ranked = table.Where(row => row.Rank > 0).ToList();

        Assert.Equal(Enumerable.Range(1, ranked.Count), ranked.Select(row => row.Rank));
        Assert.Equal(ranked.OrderByDescending(row => row.Score.Low), ranked);
        Assert.All(ranked, row => Assert.Equal(PlayerKind.Agent, row.Run.Request.Kind));
        Assert.All(ranked, row => Assert.True(row.Score.Count >= StandingsTable.LeastScenes));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_EveryRow_HasItsIntervalAndOneReference(ulong seed)
    {
        var table = StandingsTable.Rank(Draw(seed), s_anchors);

        Assert.All(table, row =>
        {
            Assert.InRange(row.Score.Mean, row.Score.Low, row.Score.High);
            Assert.Equal((row.Score.Mean - 0.5) / 0.5, row.Normalised, 1e-12);
            Assert.Equal(row.Score, Interval.Of(row.Counted.Rewards));
        });
        Assert.Single(table, row => row.VersusBest is null);
    }

    [Theory]
    [InlineData(99, false)]
    [InlineData(100, true)]
    [InlineData(101, true)]
    public void HasEnough_Scenes_AreAHundredForAgentsAndAnyForBaselines(int scenes, bool isEnough)
    {
        Assert.Equal(isEnough, StandingsTable.HasEnough(PlayerKind.Agent, scenes));
        Assert.Equal(isEnough, StandingsTable.HasEnough(PlayerKind.Human, scenes));
        Assert.True(StandingsTable.HasEnough(PlayerKind.Baseline, 1));
        Assert.True(StandingsTable.HasEnough(PlayerKind.Published, 1));
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Rank_SecondRunOfAnAgent_NeverChangesItsScoreNorItsPlace(ulong seed)
    {
        var runs = Draw(seed);
        var again = runs.Append(Run("player 0", PlayerKind.Agent, [.. Enumerable.Repeat(1.0, 500)])).ToList();
        var (before, after) = (StandingsTable.Rank(runs, s_anchors), StandingsTable.Rank(again, s_anchors));

        Assert.Equal(Rows(before), Rows(after));
        Assert.Equal(2, after.Single(row => row.Run.Request.Method == "player 0").Attempts.Count);
    }

    // Agents and baselines of different strength and length, one run each.
    private static List<ScoredRun> Draw(ulong seed)
    {
        var random = new RandomStream(seed);
        var runs = new List<ScoredRun>();
        for (var player = 0; player < 8; player++)
        {
            var (count, skill) = (60 + (40 * (player % 4)), 0.3f + (0.08f * player));
            var rewards = new double[count];
            for (var scene = 0; scene < count; scene++)
            {
                rewards[scene] = random.NextFloat() < skill ? 1 : 0;
            }

            runs.Add(Run($"player {player}", player % 3 == 2 ? PlayerKind.Baseline : PlayerKind.Agent, rewards));
        }

        return runs;
    }

    private static IEnumerable<string> Rows(IReadOnlyList<Standing> table) => table.Select(row =>
        $"{row.Rank} {row.Run.Request.Method} {row.Score} {row.VersusBest?.PValue} {row.AdjustedP}");

    private static ScoredRun Run(string method, PlayerKind kind, double[] rewards) => new(
        new Run
        {
            Id = method,
            TokenHash = "",
            Season = "s",
            Request = new RunSpec
            {
                Method = method, Kind = kind, Task = "Stability-v1", Count = rewards.Length, Owner = "me",
            },
            State = RunState.Closed,
            OpenedAt = default,
            Deadline = default,
        },
        [.. rewards.Select((reward, scene) => new SceneResult(scene, reward, 1, "", ""))],
        []);
}
