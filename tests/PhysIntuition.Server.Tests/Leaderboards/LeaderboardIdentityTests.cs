using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>Whose a name is, and what it costs to open runs.</summary>
public sealed class LeaderboardIdentityTests : LeaderboardFixture
{
    [Fact]
    public async Task ANameThatNobodyClaimed_ShowsRunsAndSaysSo()
    {
        var runs = new[] { await OpenAsync("model", 20), await OpenAsync("model", 20) };
        foreach (var run in runs)
        {
            await AnswerAsync(run, Enumerable.Repeat(Yes, 20));
            await CloseAsync(run);
        }

        var rows = await RowsAsync();

        Assert.Equal(runs.Select(run => run.Run).Order(), rows.Select(row => row.Run).Order());
        Assert.All(rows, row => Assert.Equal((false, 1u), (row.IsVerified, row.Attempts)));
    }

    [Fact]
    public async Task TheFirstKeyOfAName_HasItAndItsRuns_WhateverOthersTry()
    {
        using var owner = NewKey();
        using var rival = NewKey();
        var mine = await OpenAsync("Model O", 4, key: owner);
        foreach (var name in new[] { "Model O", "model o", "Modеl O", "M O D E L 0" }) // the third has a Cyrillic е
        {
            var request = new OpenRunRequest { Method = name, Task = "Offset-v1", Count = 1 };
            var claimed = await ClaimedAsync(request, rival);
            Assert.Equal((StatusCode.PermissionDenied, "method"), await RefusedAsync(request));
            Assert.Equal((StatusCode.PermissionDenied, "method"), await RefusedAsync(claimed));
        }

        // The owner has all three runs, under the name's first spelling.
        await OpenAsync("MODEL O", 4, key: owner);
        var third = await OpenAsync("Model 0", 4, key: owner);
        var fourth = new OpenRunRequest { Method = "Model O", Task = "Stability-v1", Count = 4 };

        Assert.Equal("Model O", third.Status.Method);
        Assert.Equal((StatusCode.ResourceExhausted, ""), await RefusedAsync(await ClaimedAsync(fourth, owner)));
        await CloseAsync(mine);
        await CloseAsync(third);
        Assert.Equal((true, 2u), (await RowsAsync()).Select(row => (row.IsVerified, row.Attempts)).Single());
    }

    [Fact]
    public async Task AClaim_IsGoodForOneRunOfWhatItSays()
    {
        using var key = NewKey();
        var claimed = await ClaimedAsync(new OpenRunRequest { Method = "m", Task = "Stability-v1", Count = 4 }, key);
        await Board.OpenRunAsync(claimed);
        var changed = new List<OpenRunRequest>();
        foreach (var change in new Action<OpenRunRequest>[]
        {
            request => request.Count = 5, request => request.Method = "n", request => request.Task = "Offset-v1",
            request => request.Suite = "tall-v1", request => request.Claim.Nonce += "0",
            request => request.Claim.Nonce = "", request => request.OptionsJson = "{}",
            request => request.Claim.Signature = Google.Protobuf.ByteString.Empty,
            request => request.Claim.PublicKey = Google.Protobuf.ByteString.CopyFrom(new byte[32]),
        })
        {
            changed.Add(claimed.Clone());
            change(changed[^1]);
        }

        Assert.Equal((StatusCode.InvalidArgument, "key"), await RefusedAsync(claimed));
        foreach (var request in changed)
        {
            Assert.Equal((StatusCode.PermissionDenied, "claim"), await RefusedAsync(request));
        }
    }

    [Fact]
    public async Task AClaim_OfAnotherSeason_OpensNothing()
    {
        using var key = NewKey();
        var claimed = await ClaimedAsync(new OpenRunRequest { Method = "m", Task = "Stability-v1", Count = 4 }, key);
        await (await HostAsync()).Board.CloseSeasonAsync("season-1");

        Assert.Equal((StatusCode.PermissionDenied, "claim"), await RefusedAsync(claimed));
    }

    [Fact]
    public async Task ANameOfAToken_BelongsToItsOwner()
    {
        var file = Path.Combine(Folder, "tokens.json");
        var (first, firstText) = ApiToken.Create("first", Scopes.Score, DateTimeOffset.UnixEpoch);
        var (second, secondText) = ApiToken.Create("second", Scopes.Score, DateTimeOffset.UnixEpoch);
        TokenFile.Write(file, [first, second]);
        await using var server = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(Folder, "own")}", $"Listen:TokenFile={file}");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        async Task<HttpStatusCode> OpenAsync(string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/api/leaderboard/runs")
            {
                Content = JsonContent.Create(new { method = "mine", task = "Stability-v1", count = 2 }),
            };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request);
            return answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.OK, await OpenAsync(firstText));
        Assert.Equal(HttpStatusCode.Forbidden, await OpenAsync(secondText));
        Assert.Equal(HttpStatusCode.OK, await OpenAsync(firstText));
    }

    [Fact]
    public async Task RunsBeyondTheRate_AreRefusedByTheirCost()
    {
        await using var slow = await RunningServer.StartAsync(
            $"Leaderboard:Folder={Path.Combine(Folder, "slow")}", "Leaderboard:ScenesPerSecond=1");
        var board = new LeaderboardService.LeaderboardServiceClient(slow.Channel);
        var request = new OpenRunRequest { Method = "eager", Task = "Stability-v1", Count = 1 };
        var run = await board.OpenRunAsync(request);
        await board.OpenRunAsync(request);
        var large = new OpenRunRequest { Method = "eager", Task = "Stability-v1", Count = 10_000 };

        // 150 in a burst, 51 for each of the two: neither another one nor a closing fits.
        foreach (var (code, error) in new[]
        {
            await Given.RefusalAsync(board.OpenRunAsync(large)),
            await Given.RefusalAsync(board.CloseRunAsync(new CloseRunRequest { Run = run.Run, Token = run.Token })),
        })
        {
            Assert.Equal(StatusCode.ResourceExhausted, code);
            Assert.Equal("PhysIntuition:Leaderboard:ScenesPerSecond", error.Option);
        }
    }

    [Fact]
    public async Task ARowOfOneScene_StandsBelowAllThatHaveEnough()
    {
        var many = await OpenAsync("many", 400);
        await AnswerAsync(many, await TruthAsync(many));
        var lucky = await OpenAsync("lucky", 1);
        await AnswerAsync(lucky, await TruthAsync(lucky));
        var half = await OpenAsync("half", 400);
        await AnswerAsync(half, Enumerable.Repeat(Yes, 400));
        foreach (var run in new[] { lucky, half, many })
        {
            await CloseAsync(run);
        }

        var rows = await RowsAsync();

        Assert.Equal([("many", 1u), ("half", 2u), ("lucky", 0u)], rows.Select(row => (row.Method, row.Rank)));
        Assert.Equal(1, rows[2].Mean);
    }

    private async Task<IReadOnlyList<StandingRow>> RowsAsync() =>
        (await Board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows;

    private async Task<(StatusCode Code, string Field)> RefusedAsync(OpenRunRequest request)
    {
        var (code, error) = await Given.RefusalAsync(Board.OpenRunAsync(request));
        return (code, error.Field);
    }
}
