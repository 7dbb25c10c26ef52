using System.Text.Json;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Server.OpenEnv;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Pages;

/// <summary>Held-out runs of people, who need no account: the leaderboard's own rules, counted as people.</summary>
internal sealed class PeopleEndpoints(RunCalls runs, Quota quota, TimeProvider time)
{
    /// <summary>What the runs of people are called; the table counts them together.</summary>
    public const string Method = "People on the page";

    private const double RunsPerSecond = 2;  // of all visitors together: nobody shall fill the disk with empty runs
    private const int MostScenes = 100;      // longer than anybody's patience
    private const int MostBody = 16 * 1024;  // bytes
    private const string Owner = "people";

    private readonly RateLimit _rate = new(RunsPerSecond, time);

    /// <summary>Maps the paths.</summary>
    public static void MapAll(WebApplication app)
    {
        var people = ActivatorUtilities.CreateInstance<PeopleEndpoints>(app.Services);
        var answers = ActivatorUtilities.CreateInstance<PageAnswers>(app.Services);
        void Post(string path, Func<HttpContext, Task<IResult>> answer) =>
            app.MapPost("/api/play/runs" + path, answers.Of(answer)).WithMetadata(NeededScope.NoToken);

        Post("", people.OpenAsync);
        Post("/{run}/next", people.NextAsync);
        Post("/{run}/answers", people.AnswerAsync);
        Post("/{run}/close", people.CloseAsync);
    }

    private async Task<IResult> OpenAsync(HttpContext context)
    {
        using var place = quota.TakeRequest();
        var body = await ReadAsync<Opening>(context);
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
            Owner, PlayerKind.Human);
        return Results.Json(new { reply.Run, reply.Token, body.Count }, SceneEndpoints.Json);
    }

    private async Task<IResult> NextAsync(HttpContext context)
    {
        using var place = quota.TakeRequest();
        var (next, aim) = await runs.NextForPersonAsync(new GetNextRequest
        {
            Run = RunOf(context), Token = TokenOf(context), Width = 640, Height = 640,
        });
        return Results.Json(new
        {
            next.Done, next.Scene, next.Step, next.Remaining, next.Prompt, Picture = next.Picture.ToBase64(),
            Aim = AimInfo.From(aim),
        }, SceneEndpoints.Json);
    }

    private async Task<IResult> AnswerAsync(HttpContext context)
    {
        using var place = quota.TakeRequest();
        var body = await ReadAsync<GivenAnswer>(context);
        if (body.Text is null || body.Scene is null)
        {
            Throw.OutOfRange(body.Text is null ? "text" : "scene", "absent", "it must be there, as answers are final",
                "Send scene and text.");
        }

        var reply = await runs.AnswerAsync(new AnswerRequest
        {
            Run = RunOf(context), Token = TokenOf(context),
            Answers = { new RunAnswer { Scene = body.Scene.Value, Step = body.Step, Text = body.Text } },
        });
        return Results.Json(new { reply.Accepted }, SceneEndpoints.Json);
    }

    private async Task<IResult> CloseAsync(HttpContext context)
    {
        using var place = quota.TakeRequest();
        var score = await runs.CloseAsync(
            new CloseRunRequest { Run = RunOf(context), Token = TokenOf(context) }, context.RequestAborted);
        return Results.Json(
            new { score.Mean, score.Low, score.High, score.Count, score.Unanswered }, SceneEndpoints.Json);
    }

    private static string RunOf(HttpContext context) => (string)context.Request.RouteValues["run"]!;

    private static string TokenOf(HttpContext context) =>
        context.Request.Headers[LeaderboardHttp.TokenHeader].ToString();

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

    private sealed record Opening(string? Task, int Count);

    private sealed record GivenAnswer(uint? Scene, uint Step, string? Text);
}
