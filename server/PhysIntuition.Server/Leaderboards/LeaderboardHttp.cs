using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using PhysIntuition.Server.Access;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.OpenEnv;
using PhysIntuition.Server.Options;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The leaderboard over HTTP: the messages of leaderboard.proto in their JSON mapping.</summary>
/// <remarks>A request's fields come from the path, the query and the body, and the run's token from a header.</remarks>
internal static class LeaderboardHttp
{
    /// <summary>Carries the token of a run.</summary>
    public const string TokenHeader = "physintuition-run-token";

    private const string Root = "/api/leaderboard";

    private static readonly NeededScope s_play = new(Scopes.Score);

    private static readonly JsonFormatter s_writer =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>Maps all paths.</summary>
    public static void Map(WebApplication app)
    {
        var (runs, tables) = (app.Services.GetRequiredService<RunCalls>(),
            app.Services.GetRequiredService<TableCalls>());
        // What anybody may look up needs no API token; playing does.
        Get<ListSeasonsRequest>(app, "/seasons", async (_, _) => await tables.SeasonsAsync());
        Get<ListBoardsRequest>(app, "/boards", async (request, _) => await tables.BoardsAsync(request));
        Get<ListStandingsRequest>(app, "/standings", async (request, _) => await tables.StandingsAsync(request));
        Get<GetMethodRequest>(app, "/methods/{method}", async (request, _) => await tables.MethodAsync(request));
        Get<GetTransferMatrixRequest>(app, "/transfer", async (request, _) => await tables.TransferAsync(request));
        Get<CompareRunsRequest>(app, "/compare", async (request, _) => await tables.CompareAsync(request));
        Get<ListFailuresRequest>(app, "/results/{run}/failures",
            async (request, _) => await tables.FailuresAsync(request));
        app.MapGet(Root + "/results/{run}", Answering<GetResultRequest>(app,
            async (request, _) => (await tables.ResultAsync(request)).Json)).WithMetadata(NeededScope.NoToken);

        Post<OpenRunRequest>(app, "/runs",
            async (request, http) => await runs.OpenAsync(request, http.Caller().Name));
        Get<GetRunRequest>(app, "/runs/{run}", async (request, _) => await runs.GetAsync(request), s_play);
        Get<GetNextRequest>(app, "/runs/{run}/next", async (request, _) => await runs.NextAsync(request), s_play);
        Post<ObserveRunRequest>(app, "/runs/{run}/observe", async (request, _) => await runs.ObserveAsync(request));
        Post<AnswerRequest>(app, "/runs/{run}/answers", async (request, _) => await runs.AnswerAsync(request));
        Post<CloseRunRequest>(app, "/runs/{run}/close",
            async (request, http) => await runs.CloseAsync(request, http.RequestAborted));
    }

    /// <summary>A message as the endpoints write it: every field, in camel case.</summary>
    public static string ToJson(IMessage message) => s_writer.Format(message);

    private static void Get<T>(
        WebApplication app, string path, Func<T, HttpContext, Task<IMessage>> call, NeededScope? scope = null)
        where T : IMessage<T>, new() => app.MapGet(Root + path, Answering<T>(app,
            async (request, http) => ToJson(await call(request, http))))
            .WithMetadata(scope ?? NeededScope.NoToken);

    private static void Post<T>(WebApplication app, string path, Func<T, HttpContext, Task<IMessage>> call)
        where T : IMessage<T>, new() => app.MapPost(Root + path, Answering<T>(app,
            async (request, http) => ToJson(await call(request, http)))).WithMetadata(s_play);

    private static RequestDelegate Answering<T>(WebApplication app, Func<T, HttpContext, Task<string>> call)
        where T : IMessage<T>, new()
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.Leaderboard");
        var limit = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value.MaxMessageBytes;
        return context => AnswerAsync(context, logger, async () =>
            await call(await ReadAsync<T>(context, limit), context));
    }

    private static async Task AnswerAsync(HttpContext context, ILogger logger, Func<Task<string>> answer)
    {
        string body;
        try
        {
            body = await answer();
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception failure)
        {
            context.Response.StatusCode = OpenEnvFault.StatusOf(failure);
            body = ToJson(FaultInterceptor.Describe(logger, failure, context.Request.Path));
        }

        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.WriteAsync(body, context.RequestAborted);
    }

    private static async Task<T> ReadAsync<T>(HttpContext context, int limit)
        where T : IMessage<T>, new()
    {
        var fields = HttpMethods.IsPost(context.Request.Method) ? await BodyAsync(context, limit) : [];
        if (typeof(T) == typeof(AnswerRequest) && fields["answers"] is JsonArray answers)
        {
            foreach (var (index, answer) in answers.Index())
            {
                AnswerJson.Check(answer, $"answers[{index}]");
            }
        }

        foreach (var (name, values) in context.Request.Query)
        {
            fields[name] = values.ToString();
        }

        foreach (var (name, value) in context.Request.RouteValues)
        {
            fields[name] = value?.ToString();
        }

        if (context.Request.Headers.TryGetValue(TokenHeader, out var token) &&
            new T().Descriptor.FindFieldByName("token") is not null)
        {
            fields["token"] = token.ToString();
        }

        try
        {
            return JsonParser.Default.Parse<T>(fields.ToJsonString());
        }
        catch (Exception wrong) when (wrong is InvalidProtocolBufferException or InvalidJsonException)
        {
            throw OpenEnvFault.Invalid("body",
                $"The request is no {typeof(T).Name}: {wrong.Message} leaderboard.proto lists its fields.");
        }
    }

    private static async Task<JsonObject> BodyAsync(HttpContext context, int limit)
    {
        try
        {
            return await JsonBody.ReadAsync(context, limit) switch
            {
                null => [],
                JsonObject body => body,
                _ => throw new JsonException("it is another kind of value."),
            };
        }
        catch (JsonException wrong)
        {
            throw OpenEnvFault.Invalid("body", $"The body is no JSON object: {wrong.Message}");
        }
    }
}
