using Microsoft.AspNetCore.Http.Metadata;
using ModelContextProtocol;
using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Server;

namespace PhysIntuition.Server.Trainers;

/// <summary>The Model Context Protocol over Streamable HTTP, and OpenEnv's dialect of it at the same paths.</summary>
/// <remarks>
/// Clients that begin with initialize have a session, and their tools play its episode. Since 2026-07-28 the protocol
/// has neither: reset names the episode that it opens, and the other tools want that name. OpenEnv's clients send none
/// of the protocol's headers and no initialize; by that they are known.
/// </remarks>
internal static class McpEndpoints
{
    /// <summary>What these paths are called in the API's description.</summary>
    public const string Tag = "MCP";

    private const string SessionHeader = "Mcp-Session-Id";
    private const string VersionHeader = "MCP-Protocol-Version";
    private const string Sessionless = "2026-07-28";   // the first version without sessions; they sort by their dates
    private const int ServerError = -32000, NoSession = -32001;

    /// <summary>Adds the protocol's server.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddMcpServer(server =>
        {
            server.ServerInfo = new() { Name = "physintuition", Version = ServerDescription.Version };
            server.ServerInstructions =
                "Tasks of intuitive physics. reset shows a scene and asks a question; step answers it and says what " +
                "the answer earned. Write the answer between <answer> and </answer>.";
        }).WithHttpTransport();
        // Every call is a line or two of information there, and what a client did wrong an error with a stack trace.
        services.AddLogging(logging => logging.AddFilter("ModelContextProtocol", LogLevel.Critical)
            .AddFilter("ModelContextProtocol.AspNetCore.StatefulSessionManager", LogLevel.None));
        services.AddOptions<HttpServerTransportOptions>().Configure(
            (HttpServerTransportOptions transport, IOptions<LeaseOptions> leases, IOptions<LimitOptions> limits) =>
            {
                transport.SessionMode = HttpServerSessionMode.StatefulForInitializeClients;
                transport.ConfigureSessionOptions = ConfigureAsync;
#pragma warning disable MCP9006 // Clients of revisions before 2026-07-28 have sessions; ours decide when they end.
                transport.IdleTimeout = leases.Value.Lease;
                transport.MaxIdleSessionCount = limits.Value.MaxSessions;
#pragma warning restore MCP9006
            });
    }

    /// <summary>Maps the path of the usual task and that of every task.</summary>
    public static void Map(WebApplication app)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.Mcp");
        foreach (var path in new[] { "/mcp", $"{OpenEnvEndpoints.TaskPath}/mcp" })
        {
            app.MapMcp(path).WithTags(Tag).Finally(endpoint =>
            {
                endpoint.RequestDelegate = Guard(endpoint.RequestDelegate!, logger);
                Describe(endpoint.Metadata);
            });
        }
    }

    private static void Describe(IList<object> metadata)
    {
        var method = metadata.OfType<HttpMethodMetadata>().Single().HttpMethods[0];
        if (HttpMethods.IsGet(method))
        {
            metadata.Add(new ExcludeFromDescriptionAttribute());
            return;
        }

        // Without a method no endpoint is described.
        metadata.Add(typeof(RequestDelegate).GetMethod(nameof(RequestDelegate.Invoke))!);
        if (HttpMethods.IsPost(method))
        {
            metadata.Remove(metadata.OfType<IAcceptsMetadata>().Single());   // it names no type
            metadata.Add(new AcceptsMetadata(["application/json"], typeof(McpRequest)));
            metadata.Add(new EndpointSummaryAttribute("A message of MCP, or of OpenEnv's dialect of it."));
            metadata.Add(new ProducesResponseTypeMetadata(200, typeof(McpReply), ["application/json"]));
        }
        else
        {
            metadata.Add(new EndpointSummaryAttribute("End a session."));
            metadata.Add(new ProducesResponseTypeMetadata(200));
        }
    }

    // For a session, or, without one, for a single request.
    private static Task ConfigureAsync(HttpContext http, McpServerOptions server, CancellationToken cancellation)
    {
        var services = http.RequestServices;
        var sessions = services.GetRequiredService<OpenEnvSessions>();
        var (caller, task) = (http.Caller(), http.Request.RouteValues["task"] as string);
        string? session = http.Response.Headers[SessionHeader];
        var own = session is null ? null : sessions.OpenByHandle(caller, task, session);
        var logger = services.GetRequiredService<ILoggerFactory>().CreateLogger("PhysIntuition.Server.Mcp");
        var tools = new McpTools(sessions, caller, task, own, logger);
        server.Handlers.ListToolsHandler = (_, _) => ValueTask.FromResult(tools.List());
        server.Handlers.CallToolHandler = async (call, cancel) =>
            (await tools.CallAsync(call.Params.Name, ToObject(call.Params.Arguments), cancel)).Result;
        return Task.CompletedTask;
    }

    private static JsonObject ToObject(IDictionary<string, JsonElement>? arguments) =>
        (JsonObject)JsonSerializer.SerializeToNode(arguments ?? new Dictionary<string, JsonElement>())!;

    private static RequestDelegate Guard(RequestDelegate next, ILogger logger) => async http =>
    {
        JsonNode? message = null;
        try
        {
            if (HttpMethods.IsGet(http.Request.Method))
            {
                // Nothing is ever sent unasked, so no client needs to hold a connection for it.
                http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                http.Response.Headers.Allow = $"{HttpMethods.Post}, {HttpMethods.Delete}";
            }
            else if (HttpMethods.IsDelete(http.Request.Method))
            {
                await EndAsync(http, next);
            }
            else
            {
                var limits = http.RequestServices.GetRequiredService<IOptions<LimitOptions>>().Value;
                message = await JsonBody.ReadAsync(http, 4 * limits.MaxTextBytes);
                await PostAsync(http, message, next, logger);
            }
        }
        catch (JsonException wrong)
        {
            await AnswerAsync(http, OpenEnvRpc.Error(null, McpErrorCode.ParseError, wrong.Message));
        }
        catch (Exception failure) when (failure is not OperationCanceledException && !http.Response.HasStarted)
        {
            http.Response.Headers.Remove(SessionHeader);
            http.Response.StatusCode = HttpFaults.StatusOf(failure);
            var error = FaultInterceptor.Describe(logger, failure, "mcp");
            var code = failure is PhysIntuitionException { Fault: Fault.NotFound } ? NoSession : ServerError;
            var id = (message as JsonObject)?["id"];
            await AnswerAsync(http, OpenEnvRpc.Error(id, (McpErrorCode)code, error.Message));
        }
    };

    private static async Task PostAsync(HttpContext http, JsonNode? message, RequestDelegate next, ILogger logger)
    {
        var (headers, sessions) = (http.Request.Headers, http.RequestServices.GetRequiredService<OpenEnvSessions>());
        string? session = headers[SessionHeader];
        string? version = headers[VersionHeader];
        var request = message as JsonObject;
        if (session is null && version is null && request?["method"]?.ToString() != "initialize")
        {
            var task = http.Request.RouteValues["task"] as string;
            var reply = await new OpenEnvRpc(sessions, logger).AnswerAsync(
                message, http.Caller(), task, own: null, http.RequestAborted);
            await AnswerAsync(http, reply);
            return;
        }

        if (session is not null && string.CompareOrdinal(version, Sessionless) < 0)
        {
            sessions.Find(session, session);
        }

        if (request?["params"] is JsonObject parameters && parameters["arguments"] is not (null or JsonObject))
        {
            parameters["arguments"] = McpTools.ArgumentsOf(parameters["arguments"]);
        }

        http.Request.Body = new MemoryStream(JsonSerializer.SerializeToUtf8Bytes(message));
        await next(http);
    }

    private static async Task EndAsync(HttpContext http, RequestDelegate next)
    {
        var sessions = http.RequestServices.GetRequiredService<OpenEnvSessions>();
        string? session = http.Request.Headers[SessionHeader];
        var episode = sessions.Find(session, session);
        await next(http);
        sessions.Close(episode);
    }

    private static Task AnswerAsync(HttpContext http, JsonObject reply)
    {
        http.Response.ContentType = "application/json";
        return http.Response.WriteAsync(reply.ToJsonString(), http.RequestAborted);
    }
}
