using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The leaderboard over HTTP: the messages of leaderboard.proto in their JSON mapping.</summary>
/// <remarks>A request's fields come from the path, the query and the body, and the run's token from a header.</remarks>
internal static class LeaderboardHttp
{
    /// <summary>Carries the token of a run.</summary>
    public const string TokenHeader = "physintuition-run-token";

    private const string Root = "/api/leaderboard";
    private const string Tag = "leaderboard";

    private static readonly NeededScopeAttribute s_play = new(Scopes.Score);

    private static readonly JsonFormatter s_writer =
        new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    /// <summary>Maps all paths.</summary>
    public static void Map(WebApplication app)
    {
        var (runs, tables) = (app.Services.GetRequiredService<RunCalls>(),
            app.Services.GetRequiredService<TableCalls>());
        // What anybody may look up needs no API token; playing does.
        Get<ListSeasonsRequest, ListSeasonsReply>(app, "/seasons", "Seasons; secrets of those that are over.",
            _ => tables.SeasonsAsync());
        Get<ListBoardsRequest, ListBoardsReply>(app, "/boards", "The tables that have rows.", tables.BoardsAsync);
        Get<ListStandingsRequest, ListStandingsReply>(app, "/standings", "One table.", tables.StandingsAsync);
        Get<GetMethodRequest, MethodDetail>(app, "/methods/{method}", "One method, task by task.", tables.MethodAsync);
        Get<GetTransferMatrixRequest, V1.TransferMatrix>(app, "/transfer", "How training carries over to other tasks.",
            tables.TransferAsync);
        Get<CompareRunsRequest, Comparison>(app, "/compare", "A paired test of two runs.", tables.CompareAsync);
        Get<ListFailuresRequest, ListFailuresReply>(app, "/results/{run}/failures", "A closed run's worst answers.",
            tables.FailuresAsync);
        app.MapGet(Root + "/results/{run}", Answering<GetResultRequest>(app,
            async (request, _) => (await tables.ResultAsync(request)).Json)).WithMetadata(NeededScopeAttribute.NoToken)
            .WithMetadata(new ApiMessages(typeof(GetResultRequest), ReplyType: null))
            .WithTags(Tag).WithSummary("The signed result of a closed run.");

        Post<OpenRunRequest, OpenRunReply>(app, "/runs", "Open a run.",
            async (request, http) => await runs.OpenAsync(request, RunCaller.Of(http)));
        Get<GetRunRequest, RunStatus>(app, "/runs/{run}", "Where a run is.", runs.GetAsync, s_play);
        Get<GetNextRequest, NextScene>(app, "/runs/{run}/next", "The scene to answer next.", runs.NextAsync, s_play);
        Post<ObserveRunRequest, ObserveRunReply>(app, "/runs/{run}/observe", "Pictures and prompts of scenes.",
            async (request, _) => await runs.ObserveAsync(request));
        Post<AnswerRequest, AnswerReply>(app, "/runs/{run}/answers", "Answer; the same answers again are harmless.",
            async (request, _) => await runs.AnswerAsync(request));
        Post<CloseRunRequest, RunScore>(app, "/runs/{run}/close", "Close a run: its answers are scored, once.",
            async (request, http) => await runs.CloseAsync(request, RunCaller.Of(http), http.RequestAborted));
    }

    /// <summary>A message as the endpoints write it: every field, in camel case.</summary>
    public static string ToJson(IMessage message) => s_writer.Format(message);

    private static void Get<TRequest, TReply>(
        WebApplication app, string path, string summary, Func<TRequest, Task<TReply>> call,
        NeededScopeAttribute? scope = null)
        where TRequest : IMessage<TRequest>, new()
        where TReply : IMessage<TReply>, new() =>
        Describe<TRequest, TReply>(
            app.MapGet(Root + path, Answering<TRequest, TReply>(app, (request, _) => call(request)))
                .WithMetadata(scope ?? NeededScopeAttribute.NoToken), summary);

    private static void Post<TRequest, TReply>(
        WebApplication app, string path, string summary, Func<TRequest, HttpContext, Task<TReply>> call)
        where TRequest : IMessage<TRequest>, new()
        where TReply : IMessage<TReply>, new() =>
        Describe<TRequest, TReply>(app.MapPost(Root + path, Answering(app, call)).WithMetadata(s_play), summary);

    private static void Describe<TRequest, TReply>(RouteHandlerBuilder endpoint, string summary)
        where TRequest : IMessage<TRequest>, new()
        where TReply : IMessage<TReply>, new() =>
        endpoint.WithMetadata(new ApiMessages(typeof(TRequest), typeof(TReply))).WithTags(Tag).WithSummary(summary);

    private static Func<HttpContext, Task> Answering<TRequest, TReply>(
        WebApplication app, Func<TRequest, HttpContext, Task<TReply>> call)
        where TRequest : IMessage<TRequest>, new()
        where TReply : IMessage<TReply>, new() =>
        Answering<TRequest>(app, async (request, http) => ToJson(await call(request, http)));

    private static Func<HttpContext, Task> Answering<T>(WebApplication app, Func<T, HttpContext, Task<string>> call)
        where T : IMessage<T>, new()
    {
        var limit = app.Services.GetRequiredService<IOptions<LimitOptions>>().Value.MaxMessageBytes;
        return async context =>
        {
            var body = await call(await ReadAsync<T>(context, limit), context);
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.CacheControl = "no-store";
            await context.Response.WriteAsync(body, context.RequestAborted);
        };
    }

    private static async Task<T> ReadAsync<T>(HttpContext context, int limit)
        where T : IMessage<T>, new()
    {
        var fields = (HttpMethods.IsPost(context.Request.Method)
            ? await JsonBody.ReadObjectAsync(context, limit)
            : null) ?? [];
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
}

/// <summary>Answers written as JSON. They are final, so what is absent is not taken for a zero or an empty text, as the
/// JSON mapping of the messages would.</summary>
internal static class AnswerJson
{
    /// <summary>Refuses an answer that does not say which scene it is about, or has no text.</summary>
    /// <param name="answer">One answer.</param>
    /// <param name="place">What errors call it, for example "answers[3]".</param>
    public static void Check(JsonNode? answer, string place)
    {
        if (answer is not JsonObject fields)
        {
            Throw.OutOfRange(place, "no JSON object", "an answer is an object",
                """Write {"scene": 0, "text": "<answer>yes</answer>"}.""");
            return;
        }

        foreach (var name in new[] { "scene", "text" })
        {
            if (fields[name] is null)
            {
                Throw.OutOfRange($"{place}.{name}", fields.ContainsKey(name) ? "null" : "absent",
                    "an answer is final, so it must be there", $"Add \"{name}\"; nothing was stored.");
            }
        }
    }
}
