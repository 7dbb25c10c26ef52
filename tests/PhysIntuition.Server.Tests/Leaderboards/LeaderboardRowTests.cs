using System.Text.Json;
using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>What a row says about a run beside its score.</summary>
public sealed class LeaderboardRowTests : LeaderboardFixture
{
    [Fact]
    public async Task Row_OfARunThatSaysWhatItTook_ShowsItAndHowItsScenesWent()
    {
        var run = await OpenAsync("hosted", count: 10);
        var truth = await TruthAsync(run);
        // Even scenes count while the season is open; the last of them has no answer.
        await AnswerAsync(run, [truth[0], "", truth[2] == Yes ? No : Yes, "", "Perhaps.", "", " "]);
        var close = new CloseRunRequest
        {
            Run = run.Run, Token = run.Token, UsageJson = """{"model": "m-2026-11-01", "tokens": {"input": 7}}""",
        };
        await Board.CloseRunAsync(close);
        close.UsageJson = """{"model": "another"}""";
        await Board.CloseRunAsync(close); // Too late.

        var row = (await Board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows.Single();

        Assert.Equal(
            new RowOutcomes { Right = 1, Wrong = 1, Unreadable = 1, CutOff = 1, Undelivered = 1 }, row.Outcomes);
        using var settings = JsonDocument.Parse(row.SettingsJson);
        Assert.Equal("m-2026-11-01", settings.RootElement.GetProperty("usage").GetProperty("model").GetString());
    }

    [Fact]
    public async Task Close_WithUsageThatIsNoObject_IsRefusedAndLeavesTheRunOpen()
    {
        var run = await OpenAsync("hosted", count: 2);
        var (code, error) = await Given.RefusalAsync(Board.CloseRunAsync(
            new CloseRunRequest { Run = run.Run, Token = run.Token, UsageJson = "[1]" }));

        Assert.Equal((StatusCode.InvalidArgument, "usage"), (code, error.Field));
        await AnswerAsync(run, [Yes]);
    }
}
