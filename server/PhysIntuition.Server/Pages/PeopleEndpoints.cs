using Microsoft.AspNetCore.Mvc;
using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Pages;

/// <summary>Held-out runs of people, who need no account: the leaderboard's own rules, counted as people.</summary>
internal sealed class PeopleEndpoints(RunCalls runs, Quota quota, TimeProvider time)
{
    /// <summary>What the runs of people are called; the table counts them together.</summary>
    public const string Method = "People on the page";

    private const double RunsPerSecond = 2;  // of all visitors together: nobody shall fill the disk with empty runs
    private const int MostScenes = 100;      // longer than anybody's patience
    private const int MostBody = 16 * 1024;  // bytes

    private readonly RateLimit _rate = new(RunsPerSecond, time);

    /// <summary>Maps the paths.</summary>
    public static void MapAll(IEndpointRouteBuilder api)
    {
        var people = ActivatorUtilities.CreateInstance<PeopleEndpoints>(api.ServiceProvider);
        var runs = api.MapGroup("/play/runs");
        runs.MapPost("", (Delegate)people.OpenAsync).WithMetadata(ApiBody.Of<PersonsRun>()).Produces<RunTicket>()
            .WithSummary("Open a person's run.");
        runs.MapPost("/{run}/next", people.NextAsync).Produces<PersonsScene>()
            .WithSummary("The scene to answer next.");
        runs.MapPost("/{run}/answers", people.AnswerAsync).WithMetadata(ApiBody.Of<PersonsAnswer>())
            .Produces<AnswersAccepted>().WithSummary("Answer it.");
        runs.MapPost("/{run}/close", people.CloseAsync).Produces<PersonsScore>()
            .WithSummary("Close the run: its answers are scored.");
    }

    private async Task<IResult> OpenAsync(HttpContext context)
    {
        using var place = quota.TakeRequest();
        var body = await ReadAsync<PersonsRun>(context);
        if (body.Count is < 1 or > MostScenes)
        {
            Throw.OutOfRange("count", body.Count, $"it must be in [1, {MostScenes}]", "Take 10.");
        }

        if (_rate.TryTake() is { } wait)
        {
            Throw.LimitReached("runs of people in a second", (long)RunsPerSecond, "places for new runs", wait);
        }

        var reply = await runs.OpenAsync(
            new OpenRunRequest
            {
                Method = Method,
                Task = TaskCatalog.Find(body.Task ?? "").Spec.Id,
                Count = (uint)body.Count,
            },
            RunCaller.Person(context), PlayerKind.Human);
        return Results.Json(new RunTicket(reply.Run, reply.Token, body.Count), SceneEndpoints.Json);
    }

    private async Task<IResult> NextAsync(
        string run, [FromHeader(Name = LeaderboardHttp.TokenHeader)] string? token)
    {
        using var place = quota.TakeRequest();
        var (next, aim) = await runs.NextForPersonAsync(new GetNextRequest
        {
            Run = run, Token = token ?? "", Width = 640, Height = 640,
        });
        return Results.Json(
            new PersonsScene(
                next.Done, next.Scene, next.Step, next.Remaining, next.Prompt, next.Picture.ToByteArray(),
                AimInfo.From(aim)),
            SceneEndpoints.Json);
    }

    private async Task<IResult> AnswerAsync(
        string run, [FromHeader(Name = LeaderboardHttp.TokenHeader)] string? token, HttpContext context)
    {
        using var place = quota.TakeRequest();
        var body = await ReadAsync<PersonsAnswer>(context);
        if (body.Text is null || body.Scene is null)
        {
            Throw.OutOfRange(body.Text is null ? "text" : "scene", "absent", "it must be there, as answers are final",
                "Send scene and text.");
        }

        var reply = await runs.AnswerAsync(new AnswerRequest
        {
            Run = run,
            Token = token ?? "",
            Answers = { new RunAnswer { Scene = body.Scene.Value, Step = body.Step, Text = body.Text } },
        });
        return Results.Json(new AnswersAccepted(reply.Accepted), SceneEndpoints.Json);
    }

    private async Task<IResult> CloseAsync(
        string run, [FromHeader(Name = LeaderboardHttp.TokenHeader)] string? token, HttpContext context)
    {
        using var place = quota.TakeRequest();
        var score = await runs.CloseAsync(
            new CloseRunRequest { Run = run, Token = token ?? "" }, RunCaller.Person(context),
            context.RequestAborted);
        return Results.Json(
            new PersonsScore(score.Mean, score.Low, score.High, score.Count, score.Unanswered), SceneEndpoints.Json);
    }

    // JSON only: a page of another site cannot send that without asking first, which only origins of the options may.
    private static async Task<T> ReadAsync<T>(HttpContext context)
        where T : class
    {
        if (context.Request.HasJsonContentType() && context.Request.ContentLength is > 0 and <= MostBody)
        {
            try
            {
                return (await JsonBody.ReadAsync(context, MostBody)).Deserialize<T>(SceneEndpoints.Json)
                    ?? throw new JsonException("it is null.");
            }
            catch (JsonException wrong)
            {
                Throw.OutOfRange("body", "unreadable", wrong.Message, $"Send a {typeof(T).Name} as JSON.");
            }
        }

        Throw.OutOfRange("body", $"{context.Request.ContentLength} bytes of '{context.Request.ContentType}'",
            $"it must be application/json of at most {MostBody} bytes", "Send that.");
        return null;
    }
}

/// <summary>What a person's run is opened with.</summary>
/// <param name="Task">Id.</param>
/// <param name="Count">Scenes, 1 to 100.</param>
internal sealed record PersonsRun(string? Task, int Count);

/// <summary>An open run.</summary>
/// <param name="Run">Id.</param>
/// <param name="Token">Secret, for the header physintuition-run-token.</param>
/// <param name="Count">Scenes.</param>
internal sealed record RunTicket(string Run, string Token, int Count);

/// <summary>The scene to answer.</summary>
/// <param name="Done">There is none left; the rest is empty.</param>
/// <param name="Scene">Index.</param>
/// <param name="Step">To answer.</param>
/// <param name="Remaining">Scenes that take an answer, with this one.</param>
/// <param name="Prompt">The question.</param>
/// <param name="Picture">PNG file.</param>
/// <param name="Aim">Where the answer is a place.</param>
internal sealed record PersonsScene(
    bool Done, uint Scene, uint Step, uint Remaining, string Prompt, byte[] Picture, AimInfo? Aim = null);

/// <summary>A person's answer.</summary>
/// <param name="Scene">Index.</param>
/// <param name="Step">From 0.</param>
/// <param name="Text">With answer tags.</param>
internal sealed record PersonsAnswer(uint? Scene, uint Step, string? Text);

/// <summary>How many answers were new.</summary>
internal sealed record AnswersAccepted(uint Accepted);

/// <summary>What a run earned.</summary>
/// <param name="Mean">Reward.</param>
/// <param name="Low">Of the 95 % interval.</param>
/// <param name="High">Of the 95 % interval.</param>
/// <param name="Count">Scenes that count.</param>
/// <param name="Unanswered">Of these, without an answer.</param>
internal sealed record PersonsScore(double Mean, double Low, double High, uint Count, uint Unanswered);
