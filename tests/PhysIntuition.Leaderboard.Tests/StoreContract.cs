using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests;

/// <summary>What every database behind the store must keep; one body, a subclass for each.</summary>
public abstract class StoreContract : IAsyncLifetime
{
    private static readonly DateTime s_now = new(2026, 3, 1, 12, 0, 0, DateTimeKind.Utc);

    private ISqlDatabase? _database;

    protected LeaderboardStore Store { get; private set; } = null!;

    protected abstract string? SkipReason { get; }

    public async ValueTask InitializeAsync()
    {
        if (SkipReason is null)
        {
            _database = Connect();
            Store = await LeaderboardStore.OpenAsync(_database);
        }
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task OpenAsync_SecondTime_FindsWhatTheFirstStored()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        await using var second = Connect();
        var reopened = await LeaderboardStore.OpenAsync(second);

        Assert.Equal(run, await reopened.FindRunAsync(run.Id));
    }

    [Fact]
    public async Task AddAnswersAsync_SameAnswerTwice_IsARepetitionAndAnotherIsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.Equal(1, (await AddAsync(run, new SceneAnswer(0, 0, "yes", 0.8))).Accepted);
        var repeated = await AddAsync(run, new SceneAnswer(0, 0, "yes", 0.8));
        Assert.Equal(new AnswersOutcome(0, null, AnswerOutcome.Accepted), repeated);
        Assert.Equal(AnswerOutcome.Conflict, (await AddAsync(run, new SceneAnswer(0, 0, "no", 0.8))).Reason);
        Assert.Equal([new SceneAnswer(0, 0, "yes", 0.8)], await Store.AnswersAsync(run.Id));
    }

    [Fact]
    public async Task AddAnswersAsync_OneOfThreeIsRefused_StoresNoneOfThem()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        await AddAsync(run, new SceneAnswer(1, 0, "yes", double.NaN));

        var outcome = await AddAsync(run, new(0, 0, "a", double.NaN), new(1, 0, "b", double.NaN), new(2, 0, "c", 0.5));

        Assert.Equal((0, 1, AnswerOutcome.Conflict), (outcome.Accepted, outcome.Refused!.Value.Scene, outcome.Reason));
        Assert.Equal([new SceneAnswer(1, 0, "yes", double.NaN)], await Store.AnswersAsync(run.Id));
    }

    [Fact]
    public async Task AddAnswersAsync_TwoAnswersToOneStepInOneCall_AreAConflict()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        var outcome = await AddAsync(run, new(0, 0, "yes", double.NaN), new(0, 0, "no", double.NaN));

        Assert.Equal(AnswerOutcome.Conflict, outcome.Reason);
        Assert.Empty(await Store.AnswersAsync(run.Id));
    }

    [Fact]
    public async Task ClosedAsync_TwoBoards_GivesTheClosedRunsWithTheirScores()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        await AddAsync(run, new(0, 0, "yes", 0.8), new(1, 0, "no", double.NaN));
        Assert.Empty(await Store.ClosedAsync(run.Season));

        await Store.FreezeAsync(run.Id);
        await Store.FinishAsync(run.Id, [new(0, 1, 1, "aa", "bb")], "{}", s_now);

        var closed = Assert.Single(await Store.ClosedAsync(run.Season, "Stability-v1"));
        Assert.Equal(run.Id, closed.Run.Id);
        Assert.Equal([new SceneResult(0, 1, 1, "aa", "bb")], closed.Results);
        Assert.Equal([(0, 0.8)], closed.Confident.Select(answer => (answer.Scene, answer.Confidence)));
        Assert.Empty(await Store.ClosedAsync(run.Season, "Offset-v1"));
        Assert.Empty(await Store.ClosedAsync(run.Season, method: "another"));
    }

    [Fact]
    public async Task AddAnswersAsync_TwentyRacingAnswers_KeepsExactlyOne()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Task.Run(() => AddAsync(run, new SceneAnswer(0, 0, $"answer {i}", double.NaN)))));

        Assert.Equal(1, outcomes.Sum(outcome => outcome.Accepted));
        Assert.Equal(19, outcomes.Count(outcome => outcome.Reason == AnswerOutcome.Conflict));
    }

    [Fact]
    public async Task AddAnswersAsync_AfterDeadlineOrFreeze_IsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        var late = await Store.AddAnswersAsync(
            run.Id, [new(0, 0, "yes", double.NaN)], run.Deadline.AddSeconds(1));
        await Store.FreezeAsync(run.Id);
        var frozen = await AddAsync(run, new SceneAnswer(0, 0, "yes", double.NaN));

        Assert.Equal((AnswerOutcome.NotOpen, AnswerOutcome.NotOpen), (late.Reason, frozen.Reason));
    }

    [Fact]
    public async Task AddAnswersAsync_AfterTheEndOfTheSeason_IsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        await AddAsync(run, new SceneAnswer(0, 0, "yes", double.NaN));

        await Store.EndSeasonAsync(run.Season, s_now);

        Assert.Equal(AnswerOutcome.NotOpen, (await AddAsync(run, new SceneAnswer(1, 0, "yes", double.NaN))).Reason);
        // A repetition stays harmless.
        Assert.Null((await AddAsync(run, new SceneAnswer(0, 0, "yes", double.NaN))).Refused);
    }

    [Fact]
    public async Task AddAnswersAsync_StepWithoutTheOneBefore_IsOutOfOrder()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.Equal(AnswerOutcome.OutOfOrder, (await AddAsync(run, new SceneAnswer(2, 1, "x", double.NaN))).Reason);
        Assert.Equal(2, (await AddAsync(run, new(2, 0, "x", double.NaN), new(2, 1, "x", double.NaN))).Accepted);
    }

    [Fact]
    public async Task FinishAsync_SecondTime_ChangesNothing()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        SceneResult[] scored = [new(0, 1, 1, "aa", "bb"), new(1, -0.25, 0, "cc", "dd")];
        await Store.FreezeAsync(run.Id);

        Assert.True(await Store.FinishAsync(run.Id, scored, """{"a":1}""", s_now));
        Assert.False(await Store.FinishAsync(run.Id, [new(0, 9, 9, "", "")], "{}", s_now));
        Assert.False(await Store.FreezeAsync(run.Id));

        Assert.Equal(scored, await Store.ResultsAsync(run.Id));
        Assert.Equal("""{"a":1}""", (await Store.FindRunAsync(run.Id))!.Provenance);
    }

    [Fact]
    public async Task TryAddRunAsync_OverTheLimit_IsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.Equal(AddedRun.LimitReached, await TryAddAsync(run, limit: 1));
        Assert.Equal(AddedRun.Added, await TryAddAsync(run, limit: 2));
    }

    [Fact]
    public async Task TryAddRunAsync_NameOfSomebodyElse_IsRefusedHoweverItIsSpelled()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        foreach (var owner in new[] { "", "another" })
        {
            var request = run.Request with { Owner = owner, Method = run.Request.Method.ToUpperInvariant() };
            Assert.Equal(AddedRun.NameTaken, await TryAddAsync(run with { Request = request }, limit: 9));
        }
    }

    [Fact]
    public async Task TryAddRunAsync_NameOfNobody_IsNotLimitedAndCanBeClaimed()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        var nobodys = run with { Request = run.Request with { Method = RunTokens.NewId(), Owner = "" } };

        Assert.Equal(AddedRun.Added, await TryAddAsync(nobodys, limit: 1));
        Assert.Equal(AddedRun.Added, await TryAddAsync(nobodys, limit: 1));
        var claimed = nobodys with { Request = nobodys.Request with { Owner = "me" }, Signature = "aa" };
        Assert.Equal(AddedRun.Added, await TryAddAsync(claimed, limit: 9));
        Assert.Equal(AddedRun.ClaimUsed, await TryAddAsync(claimed, limit: 9));
        Assert.Equal(AddedRun.NameTaken, await TryAddAsync(nobodys, limit: 9));
    }

    [Fact]
    public async Task IncompleteAsync_ClosedRunThatLacksScenes_IsThereUntilTheyAreAdded()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        SceneResult[] all = [.. Enumerable.Range(0, 10).Select(scene => new SceneResult(scene, scene, 1, "a", "b"))];
        await Store.FreezeAsync(run.Id);
        await Store.FinishAsync(run.Id, [.. all.Where(result => result.Scene % 2 == 0)], "{}", s_now);

        Assert.Equal(run.Id, Assert.Single(await Store.IncompleteAsync(run.Season)).Id);
        await Store.CompleteAsync(run.Id, [.. all.Where(result => result.Scene % 2 == 1)], """{"all":true}""");
        await Store.CompleteAsync(run.Id, [new SceneResult(3, 9, 9, "", "")], """{"all":true}"""); // A second time.

        Assert.Empty(await Store.IncompleteAsync(run.Season));
        Assert.Equal(all, await Store.ResultsAsync(run.Id));
        Assert.Equal("""{"all":true}""", (await Store.FindRunAsync(run.Id))!.Provenance);
    }

    [Fact]
    public async Task EndSeasonAsync_SecondTime_KeepsTheFirstEnd()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        await Store.EndSeasonAsync(run.Season, s_now);
        await Store.EndSeasonAsync(run.Season, s_now.AddDays(1));

        var season = (await Store.SeasonsAsync()).Single(season => season.Id == run.Season);
        Assert.Equal(s_now, season.ClosedAt);
    }

    protected abstract ISqlDatabase Connect();

    private Task<AnswersOutcome> AddAsync(Run run, params SceneAnswer[] answers) =>
        Store.AddAnswersAsync(run.Id, answers, s_now);

    private async Task<Run> AddRunAsync()
    {
        var secret = SeedSchedule.NewSecret();
        var season = new Season(RunTokens.NewId(), SeedSchedule.Commit(secret), secret, s_now, ClosedAt: null);
        await Store.AddSeasonAsync(season);
        var run = new Run
        {
            Id = RunTokens.NewId(),
            TokenHash = RunTokens.Hash("secret"),
            Season = season.Id,
            Request = new RunSpec
            {
                Method = $"it's a \"method\"; -- {RunTokens.NewId()}",
                Task = "Stability-v1",
                Suite = "tall-v1",
                Command = "run",
                Count = 10,
                Owner = "me",
            },
            State = RunState.Open,
            OpenedAt = s_now,
            Deadline = s_now.AddHours(1),
        };
        Assert.Equal(AddedRun.Added, (await Store.TryAddRunAsync(run, limit: 1)).Outcome);
        return run;
    }

    private async Task<AddedRun> TryAddAsync(Run run, int limit) =>
        (await Store.TryAddRunAsync(run with { Id = RunTokens.NewId() }, limit)).Outcome;
}
