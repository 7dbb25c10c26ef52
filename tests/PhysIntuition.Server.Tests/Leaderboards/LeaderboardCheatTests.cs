using System.Net;
using Grpc.Core;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>A client that cheats gets nothing: one test for each thing that it may try.</summary>
public sealed class LeaderboardCheatTests : LeaderboardFixture
{
    [Fact]
    public async Task RightAnswersOfOneRun_ReplayedInAnother_ScoreWhatChanceScores()
    {
        var spied = await OpenAsync("spied", count: 400);
        var truth = await TruthAsync(spied);
        await AnswerAsync(spied, truth);
        var replayed = await OpenAsync("replayed", count: 400);
        await AnswerAsync(replayed, truth);

        Assert.Equal(1, (await CloseAsync(spied)).Mean);
        AssertChance(await CloseAsync(replayed));
    }

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("RedRemove-v1")]
    [InlineData("Collision-v1")]
    public async Task TheSameAnswerAlways_ScoresWhatChanceScores(string task)
    {
        foreach (var answer in new[] { Yes, No })
        {
            var run = await OpenAsync($"always {answer}", count: 400, task);
            await AnswerAsync(run, Enumerable.Repeat(answer, 400));

            AssertChance(await CloseAsync(run));
        }
    }

    [Fact]
    public async Task NoAnswerAtAll_ScoresWhatUnreadableAnswersScore()
    {
        var (silent, garbled) = (await OpenAsync("silent", count: 20), await OpenAsync("garbled", count: 20));
        await AnswerAsync(garbled, Enumerable.Repeat("I would rather not say.", 20));

        var (first, second) = (await CloseAsync(silent), await CloseAsync(garbled));

        Assert.Equal((-1.0, 10u), (first.Mean, first.Unanswered));
        Assert.Equal((-1.0, 0u), (second.Mean, second.Unanswered));
    }

    [Fact]
    public async Task RightWrongAndUnreadableAnswers_GetTheSameReply()
    {
        var run = await OpenAsync("fisher", count: 6);
        var truth = await TruthAsync(run);
        string[] answers = [truth[0], truth[2] == Yes ? No : Yes, "garbage", "<answer>maybe</answer>"];
        var replies = new HashSet<AnswerReply>();
        foreach (var (answer, scene) in answers.Zip([0u, 2u, 3u, 4u]))
        {
            replies.Add(await Board.AnswerAsync(Request(run, scene, answer)));
        }

        Assert.Equal(new AnswerReply { Accepted = 1 }, Assert.Single(replies));
    }

    [Fact]
    public async Task TheRoadOfPeople_IsClosedToRunsOfPrograms()
    {
        var run = await OpenAsync("measurer", 2, "Offset-v1");
        using var http = new HttpClient { BaseAddress = Server.HttpAddress };
        http.DefaultRequestHeaders.Add(LeaderboardHttp.TokenHeader, run.Token);
        using var answer = await http.PostAsync($"/api/play/runs/{run.Run}/next", content: null);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.DoesNotContain("aim", await answer.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task AnswersToCommonScenes_ChangeNoScoreOfTheSeason()
    {
        var scores = new HashSet<RunScore>();
        foreach (var isRight in new[] { true, false })
        {
            var run = await OpenAsync("spy", count: 20);
            var truth = await TruthAsync(run);
            for (var scene = 1u; scene < 20; scene += 2)
            {
                var other = truth[(int)scene] == Yes ? No : Yes;
                await Board.AnswerAsync(Request(run, scene, isRight ? truth[(int)scene] : other));
            }

            var score = await CloseAsync(run);
            scores.Add(new RunScore { Mean = score.Mean, Count = score.Count, Unanswered = score.Unanswered });
        }

        Assert.Equal(new RunScore { Mean = -1, Count = 10, Unanswered = 10 }, Assert.Single(scores));
    }

    [Fact]
    public async Task TwentyAnswersAtOnce_KeepExactlyOne()
    {
        var run = await OpenAsync("octopus", count: 2);

        var tries = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TryAnswerAsync(run, i % 2 == 0 ? Yes : No)));

        var stored = (await StoredAsync(run)).Single();
        Assert.Equal(1u, tries.Sum(reply => reply?.Accepted ?? 0));
        Assert.Equal(10, tries.Count(reply => reply is null)); // The ten others; repetitions of the one are harmless.
        Assert.Contains(stored.Text, new[] { Yes, No });
    }

    [Fact]
    public async Task TwoAnswersToOneSceneInOneCall_AreRefusedTogether()
    {
        var run = await OpenAsync("both", count: 2);
        var request = Request(run, 0, Yes);
        request.Answers.Add(new RunAnswer { Scene = 0, Text = No });

        var (code, error) = await Given.RefusalAsync(Board.AnswerAsync(request));

        Assert.Equal((StatusCode.FailedPrecondition, "answer"), (code, error.Field));
        Assert.Empty(await StoredAsync(run));
    }

    [Fact]
    public async Task AnExtraAttempt_BeyondTheTasksSteps_IsRefused()
    {
        var run = await OpenAsync("once more", count: 2);
        await AnswerAsync(run, [Yes]);
        var request = Request(run, 0, No);
        request.Answers[0].Step = 1;

        var (code, error) = await Given.RefusalAsync(Board.AnswerAsync(request));

        Assert.Equal((StatusCode.InvalidArgument, "step"), (code, error.Field));
    }

    [Fact]
    public async Task EveryCall_WithAGuessedRunOrAnothersToken_GetsTheSameNotFound()
    {
        var (mine, other) = (await OpenAsync("mine", count: 2), await OpenAsync("other", count: 2));
        var refusals = new HashSet<(StatusCode, string)>();
        foreach (var (run, token) in new[]
        {
            (mine.Run, other.Token), (new string('0', 32), mine.Token), (mine.Run, ""), ("", ""),
            (mine.Run, mine.Token.ToUpperInvariant()), ("' OR 1=1 --", mine.Token),
        })
        {
            refusals.UnionWith(await RefusalsAsync(run, token));
        }

        Assert.Equal(StatusCode.NotFound, Assert.Single(refusals).Item1);
        Assert.Empty(await StoredAsync(mine));
    }

    [Fact]
    public async Task AClosedRun_CannotBeReopened()
    {
        var run = await OpenAsync("again", count: 4);
        await AnswerAsync(run, [No, No]);
        var score = await CloseAsync(run);

        var late = await Given.RefusalAsync(Board.AnswerAsync(Request(run, 3, Yes)));
        var next = await Board.GetNextAsync(new GetNextRequest { Run = run.Run, Token = run.Token });
        var status = await Board.GetRunAsync(new GetRunRequest { Run = run.Run, Token = run.Token });

        Assert.Equal(StatusCode.FailedPrecondition, late.Code);
        Assert.True(next.Done);
        Assert.Equal("closed", status.State);
        Assert.Equal(score, await CloseAsync(run));
    }

    [Fact]
    public async Task ClosingTheRunsInAnotherOrder_DoesNotChooseTheOneThatCounts()
    {
        using var key = NewKey();
        var (earlier, later) =
            (await OpenAsync("chooser", count: 20, key: key), await OpenAsync("chooser", count: 20, key: key));
        await AnswerAsync(earlier, await TruthAsync(earlier));
        await CloseAsync(later); // Not good enough? Then the other one:
        await CloseAsync(earlier);

        var row = (await Board.ListStandingsAsync(new ListStandingsRequest { Task = "Stability-v1" })).Rows.Single();

        Assert.Equal((later.Run, -1.0), (row.Run, row.Mean));
    }

    [Fact]
    public async Task AnswersFromTheRevealedSecret_ComeTooLate()
    {
        var run = await OpenAsync("patient", count: 40);
        await (await HostAsync()).Board.CloseSeasonAsync(run.Status.Season);
        var truth = await TruthAsync(run); // Now anybody can derive it.

        var late = await Given.RefusalAsync(Board.AnswerAsync(Request(run, 0, truth[0])));

        Assert.Equal((StatusCode.FailedPrecondition, "run"), (late.Code, late.Error.Field));
        Assert.Equal(40u, (await CloseAsync(run)).Unanswered);
    }

    [Fact]
    public async Task OptionsSpelledDifferently_AreTheSameBoardAndTheSameLimit()
    {
        string[] spellings =
        [
            """{"blocks":{"min":2,"max":2},"reward":"signed"}""",
            """{ "reward": "signed", "blocks": { "max": 2, "min": 2 } }""",
            "{\"blocks\":\n{\"min\":2,\"max\":2},\"reward\":\"signed\"}",
        ];
        using var key = NewKey();
        var boards = new HashSet<string>();
        foreach (var options in spellings)
        {
            boards.Add((await OpenAsync("speller", 2, options: options, key: key)).Status.OptionsJson);
        }

        Assert.Single(boards);
        var request = new OpenRunRequest
        {
            Method = "speller", Task = "Stability-v1", Count = 2, OptionsJson = spellings[0] + " ",
        };
        var fourth = await Given.RefusalAsync(Board.OpenRunAsync(await ClaimedAsync(request, key)));
        Assert.Equal(StatusCode.ResourceExhausted, fourth.Code);
    }

    [Fact]
    public async Task ScenesOfTheHeldoutSplit_AreNotExplainedOnThePages()
    {
        using var http = new HttpClient { BaseAddress = Server.HttpAddress };
        using var answer = await http.GetAsync("/api/scenes/Stability-v1?split=heldout&seed=1");

        Assert.InRange((int)answer.StatusCode, 400, 499);
    }

    [Fact]
    public async Task Calls_NeverNameAPlayerHuman()
    {
        using var http = new HttpClient { BaseAddress = Server.HttpAddress };
        using var content = new StringContent("""{"method":"me","task":"Stability-v1","kind":"human"}""");
        using var answer = await http.PostAsync("/api/leaderboard/runs", content);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
    }

    // 200 scenes count: five standard deviations of a coin are 0.18.
    private static void AssertChance(RunScore score)
    {
        Assert.Equal(200u, score.Count);
        Assert.InRange(score.Mean, 0.5 - 0.18, 0.5 + 0.18);
    }

    private async Task<AnswerReply?> TryAnswerAsync(OpenRunReply run, string text)
    {
        try
        {
            return await Board.AnswerAsync(Request(run, 0, text));
        }
        catch (RpcException refusal) when (refusal.StatusCode == StatusCode.FailedPrecondition)
        {
            return null;
        }
    }

    private async Task<HashSet<(StatusCode, string)>> RefusalsAsync(string run, string token)
    {
        (StatusCode Code, Error Error)[] refusals =
        [
            await Given.RefusalAsync(Board.GetRunAsync(new() { Run = run, Token = token })),
            await Given.RefusalAsync(Board.GetNextAsync(new() { Run = run, Token = token })),
            await Given.RefusalAsync(Board.ObserveAsync(new() { Run = run, Token = token, Scenes = { 0 } })),
            await Given.RefusalAsync(Board.AnswerAsync(new()
            {
                Run = run, Token = token, Answers = { new RunAnswer { Text = Yes } },
            })),
            await Given.RefusalAsync(Board.CloseRunAsync(new() { Run = run, Token = token })),
        ];
        return [.. refusals.Select(refusal => (refusal.Code, refusal.Error.Message))];
    }
}
