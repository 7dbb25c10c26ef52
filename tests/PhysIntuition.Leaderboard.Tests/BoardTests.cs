using PhysIntuition.Faults;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests;

public sealed class BoardTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-board-").FullName;
    private readonly ParityScorer _scorer = new();
    private SqliteDatabase _database = null!;
    private Board _board = null!;

    public async ValueTask InitializeAsync()
    {
        _database = new SqliteDatabase(Path.Combine(_folder, "board.db"));
        var store = await LeaderboardStore.OpenAsync(_database);
        _board = new Board(
            store, _scorer, new BoardOptions { RunsPerMethod = 2, ReservedNames = ["expert"] },
            TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task CloseAsync_AnsweredRun_ScoresEachSceneOnce()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 3) with { Task = "RetriedParity-v1" });
        var seeds = await _board.SeedsAsync(run);
        await _board.AnswerAsync(run, [new(0, 0, $"{seeds[0] % 2}", double.NaN)]);
        await _board.AnswerAsync(run, [new(1, 0, $"{(seeds[1] + 1) % 2}", double.NaN)]);

        var first = await _board.CloseAsync(run);
        var second = await _board.CloseAsync(run);

        Assert.Equal([1, 0, -1], first.Select(result => result.Reward));
        Assert.Equal(first, second);
        Assert.Equal(1, _scorer.Calls);
    }

    [Fact]
    public async Task CloseAsync_WhileTheSeasonIsOpen_LeavesCommonScenesToItsEnd()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 4));
        var seeds = await _board.SeedsAsync(run);
        await _board.AnswerAsync(run, [new(1, 0, $"{seeds[1] % 2}", double.NaN)]);

        var own = await _board.CloseAsync(run);
        var completed = await _board.CloseSeasonAsync(run.Season);
        var all = await _board.CloseAsync(run);

        Assert.Equal([0, 2], own.Select(result => result.Scene));
        Assert.Equal(1, completed);
        Assert.Equal([(0, -1.0), (1, 1.0), (2, -1.0), (3, -1.0)], all.Select(result => (result.Scene, result.Reward)));
        Assert.Equal(0, await _board.CompleteSeasonAsync(run.Season));
    }

    [Fact]
    public async Task CompleteSeasonAsync_InterruptedScoring_IsDoneAgain()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 2));
        await _board.CloseAsync(run);
        _scorer.FailNext = true;

        await Assert.ThrowsAsync<OperationCanceledException>(() => _board.CloseSeasonAsync(run.Season));

        Assert.Equal(1, await _board.CompleteSeasonAsync(run.Season));
        Assert.Equal(2, (await _board.CloseAsync(run)).Count);
    }

    [Fact]
    public async Task CloseAsync_InterruptedScoring_IsDoneAgain()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 1));
        _scorer.FailNext = true;

        await Assert.ThrowsAsync<OperationCanceledException>(() => _board.CloseAsync(run));
        var refused = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => _board.AnswerAsync(run, [new(0, 0, "1", double.NaN)]));
        var results = await _board.CloseAsync(run);

        Assert.Equal(Fault.OutOfOrder, refused.Fault);
        Assert.Equal(-1, Assert.Single(results).Reward);
    }

    [Fact]
    public async Task AuthenticateAsync_WrongTokenOrUnknownRun_GetsTheSameAnswer()
    {
        var (run, token) = await _board.OpenAsync(Request(count: 1));

        var wrong = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => _board.AuthenticateAsync(run.Id, token + "0"));
        var unknown = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => _board.AuthenticateAsync(RunTokens.NewId(), token));

        Assert.Equal((wrong.Fault, wrong.Message), (unknown.Fault, unknown.Message));
        Assert.Equal(run.Id, (await _board.AuthenticateAsync(run.Id, token)).Id);
    }

    [Fact]
    public async Task OpenAsync_OverTheLimit_NamesTheOption()
    {
        await _board.OpenAsync(Request(count: 1));
        await _board.OpenAsync(Request(count: 1));

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(() => _board.OpenAsync(Request(count: 1)));

        Assert.Equal(Fault.LimitReached, fault.Fault);
        Assert.Contains("Leaderboard:RunsPerMethod", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 1, "", "method")]
    [InlineData("m", 0, "", "count")]
    [InlineData("m", 1, "[1]", "options")]
    [InlineData("m", 1, "{\"a\":1,\"a\":2}", "options")]
    [InlineData("Еxpеrt", 1, "", "method")] // with Cyrillic letters
    public async Task OpenAsync_BadRequest_NamesTheField(string method, int count, string options, string field)
    {
        var request = Request(count) with { Method = method, Options = options };

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(() => _board.OpenAsync(request));

        Assert.Equal((Fault.InvalidArgument, field), (fault.Fault, fault.Field));
    }

    [Fact]
    public async Task OpenAsync_ReservedNameOfABaseline_IsTaken() =>
        Assert.Equal("expert", (await _board.OpenAsync(Request(count: 1) with
        {
            Method = "expert", Kind = PlayerKind.Baseline,
        })).Run.Request.Method);

    [Theory]
    [InlineData("axis", 81)]
    [InlineData("command", 4 * 1024 + 1)]
    [InlineData("settings", 16 * 1024 + 1)]
    [InlineData("axis", 0)]
    [InlineData("command", 0)]
    public async Task OpenAsync_TextThatIsTooLongOrHoldsAControl_NamesTheField(string field, int length)
    {
        var text = length == 0 ? "a\0b" : new string(' ', length);
        var request = field switch
        {
            "axis" => Request(count: 1) with { Axis = text },
            "command" => Request(count: 1) with { Command = text },
            _ => Request(count: 1) with { Settings = text },
        };

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(() => _board.OpenAsync(request));

        Assert.Equal((Fault.InvalidArgument, field), (fault.Fault, fault.Field));
    }

    [Fact]
    public async Task AnswerAsync_TextThatNoDatabaseTakes_IsRefusedByField()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 1));

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => _board.AnswerAsync(run, [new(0, 0, "a\0", double.NaN)]));

        Assert.Equal((Fault.InvalidArgument, "answer"), (fault.Fault, fault.Field));
    }

    [Theory]
    [InlineData(-1, 0, 0.5, "scene")]
    [InlineData(2, 0, 0.5, "scene")]
    [InlineData(0, -1, 0.5, "step")]
    [InlineData(0, 100, 0.5, "step")]
    [InlineData(0, 0, -0.01, "confidence")]
    [InlineData(0, 0, 1.01, "confidence")]
    public async Task AnswerAsync_BeyondABorder_IsRefusedByFieldAndStoresNothing(
        int scene, int step, double confidence, string field)
    {
        var (run, _) = await _board.OpenAsync(Request(count: 2) with { Task = "RetriedParity-v1" });

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(() =>
            _board.AnswerAsync(run, [new(1, 0, "1", 1), new(scene, step, "1", confidence)]));

        Assert.Equal((Fault.InvalidArgument, field), (fault.Fault, fault.Field));
        Assert.Contains($"'{field}' is ", fault.Message, StringComparison.Ordinal);
        Assert.All(await _board.CloseAsync(run), result => Assert.Equal((-1, 0), (result.Reward, result.Steps)));
    }

    [Theory]
    [InlineData(64 * 1024, true)]
    [InlineData((64 * 1024) + 1, false)]
    public async Task AnswerAsync_LongText_IsTakenUpToTheBorder(int length, bool isTaken)
    {
        var (run, _) = await _board.OpenAsync(Request(count: 1));
        var answer = Record.ExceptionAsync(() =>
            _board.AnswerAsync(run, [new(0, 0, new string('1', length), double.NaN)]));

        Assert.Equal(isTaken, await answer is null);
    }

    [Fact]
    public async Task CloseAsync_Usage_BecomesAMemberOfTheSettings()
    {
        var (run, token) = await _board.OpenAsync(Request(count: 1) with { Settings = """{"samples": 4}""" });

        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(() => _board.CloseAsync(run, usage: "[1]"));
        await _board.CloseAsync(run, usage: """{"tokens": 9}""");
        var closed = await _board.AuthenticateAsync(run.Id, token);

        Assert.Equal("usage", fault.Field);
        Assert.Equal("""{"samples":4,"usage":{"tokens":9}}""", closed.Request.Settings);
    }

    [Fact]
    public async Task Counted_OfAnOpenSeason_LeavesCommonScenesOut()
    {
        var (run, _) = await _board.OpenAsync(Request(count: 4));
        SceneResult[] all = [.. Enumerable.Range(0, 4).Select(scene => new SceneResult(scene, 1, 1, "", ""))];

        Assert.Equal([0, 2], Board.Counted(run, all, isSeasonOpen: true).Select(result => result.Scene));
        Assert.Equal([0, 2], Board.Counted(run, all[..3], isSeasonOpen: false).Select(result => result.Scene));
        Assert.Equal(all, Board.Counted(run, all, isSeasonOpen: false));
        Assert.Equal(all, Board.Counted(run with { SharesScenes = false }, all, isSeasonOpen: true));
    }

    [Fact]
    public void SceneSet_OfScenes_IsTheSha256OfTheirHashesOneALine()
    {
        SceneResult[] results = [new(0, 1, 1, "a", ""), new(1, 0, 1, "b", "other")];

        // printf 'a\nb' | sha256sum
        Assert.Equal("7e18f737311b2dc3b2f269dd78396b0351f14fb66efa879f768cb23181883c78", Board.SceneSet(results));
        Assert.NotEqual(Board.SceneSet(results), Board.SceneSet(results.Reverse()));
    }

    [Fact]
    public async Task CloseSeasonAsync_AfterRuns_RevealsASecretThatMatchesTheCommitment()
    {
        var open = await _board.CurrentSeasonAsync();
        Assert.Equal("", open.Published.Secret);

        await _board.CloseSeasonAsync(open.Id);
        var next = await _board.CurrentSeasonAsync();

        Assert.Equal(open.Commitment, SeedSchedule.Commit(open.Secret));
        Assert.NotEqual(open.Id, next.Id);
    }

    private static RunSpec Request(int count) =>
        new() { Method = "m", Task = "Parity-v1", Count = count, Owner = "me" };

    /// <summary>A task without physics: the right answer is the seed's parity.</summary>
    private sealed class ParityScorer : IRunScorer
    {
        public int Calls { get; private set; }

        public bool FailNext { get; set; }

        public string Provenance => "{}";

        public ulong SeedCount(string task) => 0;

        public bool SharesScenes(string task) => task == "Parity-v1";

        public Task<IReadOnlyList<SceneResult>> ScoreAsync(
            RunSpec run, IReadOnlyList<SeededScene> scenes, IReadOnlyList<SceneAnswer> answers,
            CancellationToken cancel)
        {
            if (FailNext)
            {
                FailNext = false;
                throw new OperationCanceledException();
            }

            Calls++;
            var texts = answers.ToDictionary(answer => answer.Scene, answer => answer.Text);
            return Task.FromResult<IReadOnlyList<SceneResult>>([.. scenes.Select(one => new SceneResult(
                one.Scene, !texts.TryGetValue(one.Scene, out var text) ? -1 : text == $"{one.Seed % 2}" ? 1 : 0,
                texts.ContainsKey(one.Scene) ? 1 : 0, "", ""))]);
        }
    }
}
