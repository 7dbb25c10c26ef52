using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests.Storage;

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

    public async ValueTask DisposeAsync()
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
    public async Task AddAnswerAsync_SameAnswerTwice_IsARepetitionAndAnotherIsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.Equal(AnswerOutcome.Accepted, await Store.AddAnswerAsync(run.Id, new(0, 0, "yes", 0.8), s_now));
        Assert.Equal(AnswerOutcome.Repeated, await Store.AddAnswerAsync(run.Id, new(0, 0, "yes", 0.8), s_now));
        Assert.Equal(AnswerOutcome.Conflict, await Store.AddAnswerAsync(run.Id, new(0, 0, "no", 0.8), s_now));
        Assert.Equal([new Answer(0, 0, "yes", 0.8)], await Store.AnswersAsync(run.Id));
    }

    [Fact]
    public async Task AddAnswerAsync_TwentyRacingAnswers_KeepsExactlyOne()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            Task.Run(() => Store.AddAnswerAsync(run.Id, new(0, 0, $"answer {i}", double.NaN), s_now))));

        Assert.Single(outcomes, AnswerOutcome.Accepted);
        Assert.Equal(19, outcomes.Count(outcome => outcome == AnswerOutcome.Conflict));
    }

    [Fact]
    public async Task AddAnswerAsync_AfterDeadlineOrFreeze_IsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        var late = await Store.AddAnswerAsync(run.Id, new(0, 0, "yes", double.NaN), run.Deadline.AddSeconds(1));
        await Store.FreezeAsync(run.Id);
        var frozen = await Store.AddAnswerAsync(run.Id, new(0, 0, "yes", double.NaN), s_now);

        Assert.Equal((AnswerOutcome.NotOpen, AnswerOutcome.NotOpen), (late, frozen));
    }

    [Fact]
    public async Task AddAnswerAsync_StepWithoutTheOneBefore_IsOutOfOrder()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.Equal(AnswerOutcome.OutOfOrder, await Store.AddAnswerAsync(run.Id, new(2, 1, "x", double.NaN), s_now));
    }

    [Fact]
    public async Task FinishAsync_SecondTime_ChangesNothing()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();
        SceneResult[] scored = [new(0, 1, 1, "aa", "bb"), new(1, -0.25, 0, "cc", "dd")];
        await Store.FreezeAsync(run.Id);

        Assert.True(await Store.FinishAsync(run.Id, scored, "{}", "signed", s_now));
        Assert.False(await Store.FinishAsync(run.Id, [new(0, 9, 9, "", "")], "{}", "again", s_now));
        Assert.False(await Store.FreezeAsync(run.Id));

        Assert.Equal(scored, await Store.ResultsAsync(run.Id));
        Assert.Equal("signed", (await Store.FindRunAsync(run.Id))!.Signature);
    }

    [Fact]
    public async Task TryAddRunAsync_OverTheLimit_IsRefused()
    {
        Assert.SkipWhen(SkipReason is not null, SkipReason ?? "");
        var run = await AddRunAsync();

        Assert.False(await Store.TryAddRunAsync(run with { Id = RunTokens.NewId() }, limit: 1));
        Assert.True(await Store.TryAddRunAsync(run with { Id = RunTokens.NewId() }, limit: 2));
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
            Request = new RunRequest { Method = "it's a \"method\"; --", Task = "Stability-v1", Count = 10 },
            State = RunState.Open,
            OpenedAt = s_now,
            Deadline = s_now.AddHours(1),
        };
        Assert.True(await Store.TryAddRunAsync(run, limit: 1));
        return run;
    }
}
