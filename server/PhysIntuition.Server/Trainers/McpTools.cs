using System.ComponentModel;
using System.Text.Json.Serialization;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace PhysIntuition.Server.Trainers;

/// <summary>The tools that a model may call; reset and step answer with text and a picture.</summary>
/// <param name="sessions">Where episodes are.</param>
/// <param name="caller">Who pays for those that are opened.</param>
/// <param name="task">Of the path; null: the usual one.</param>
/// <param name="own">The session's episode; null: there is no session, and the tools take an episode's name.</param>
/// <param name="logger">For what goes wrong.</param>
internal sealed class McpTools(
    OpenEnvSessions sessions, Caller caller, string? task, OpenEnvEpisode? own, ILogger logger)
{
    private const string Episode = "episode";
    private const string Wrapped = "arguments";

    private static readonly (string Name, string Description, Type Arguments)[] s_all =
    [
        ("list_tasks", "Lists the tasks.", typeof(NoArguments)),
        ("reset", "Starts an episode and shows it.", typeof(ResetArguments)),
        ("render", "Shows the episode's scene as it stands, in any size.", typeof(RenderArguments)),
        ("step", "Answers the episode's question.", typeof(StepArguments)),
    ];

    private static readonly ListToolsResult s_withSession = Describe(hasSession: true);

    private static readonly ListToolsResult s_withoutSession = Describe(hasSession: false);

    /// <summary>Names, descriptions and schemas.</summary>
    public ListToolsResult List() => own is null ? s_withoutSession : s_withSession;

    /// <summary>Arguments as a call carries them; whatever is no object is told to the model by the tool.</summary>
    public static JsonObject ArgumentsOf(JsonNode? arguments) => arguments switch
    {
        null => [],
        JsonObject fields => (JsonObject)fields.DeepClone(),
        var other => new JsonObject { [Wrapped] = other.DeepClone() },
    };

    /// <summary>A list or a result as the protocol writes it.</summary>
    public static JsonObject Write<T>(T result) =>
        (JsonObject)JsonSerializer.SerializeToNode(result, McpJsonUtilities.DefaultOptions)!;

    /// <summary>Calls a tool. What the model did wrong is an answer too, so that it can do better.</summary>
    /// <param name="name">Which.</param>
    /// <param name="arguments">As its schema says.</param>
    /// <param name="cancellation">Fires when nobody waits any more.</param>
    /// <returns>What the model is shown, and the step that was taken, if one was.</returns>
    /// <exception cref="McpProtocolException">There is no such tool.</exception>
    public async Task<(CallToolResult Result, OpenEnvReply? Reply)> CallAsync(
        string name, JsonObject arguments, CancellationToken cancellation)
    {
        try
        {
            switch (name)
            {
                case "list_tasks":
                    JsonFields.Read<NoArguments>(arguments, name);
                    return (Content(string.Join('\n', TaskCatalog.All.Select(
                        one => $"{one.Spec.Id}: {one.Spec.Summary}"))), null);
                case "reset":
                    return await ResetAsync(arguments, cancellation);
                case "render":
                    var (rendered, size) = Find<RenderArguments>(arguments, name);
                    return (Content(null, await rendered.RenderAsync(size.Width, size.Height, cancellation)), null);
                case "step":
                    var (played, answer) = Find<StepArguments>(arguments, name);
                    var reply = await played.StepAsync(answer.Answer, cancellation);
                    return (Show(reply, played), reply);
            }
        }
        catch (Exception failure) when (failure is not OperationCanceledException)
        {
            var error = FaultInterceptor.Describe(logger, failure, $"mcp {name}");
            var told = Content(error.Message);
            told.IsError = true;
            return (told, null);
        }

        string[] names = [.. s_all.Select(tool => tool.Name)];
        throw new McpProtocolException(
            KnownNames.Unknown("name", name, names).Message, McpErrorCode.InvalidParams);
    }

    private async Task<(CallToolResult, OpenEnvReply?)> ResetAsync(JsonObject arguments, CancellationToken cancellation)
    {
        var handle = TakeHandle(arguments);
        var wanted = Read<ResetArguments>(arguments, "reset");
        var chosen = wanted.Task is null ? null : TaskCatalog.Find(wanted.Task);
        var isNew = own is null && handle is null;
        var episode = isNew ? sessions.OpenByHandle(caller, task) : own ?? Find(handle!);
        var reset = new OpenEnvReset { Seed = wanted.Seed };
        var reply = isNew
            ? await sessions.BeginAsync(episode, reset, cancellation, chosen)
            : await episode.ResetAsync(reset, cancellation, chosen);
        return (Show(reply, episode), reply);
    }

    private (OpenEnvEpisode Episode, T Arguments) Find<T>(JsonObject arguments, string tool)
    {
        var handle = TakeHandle(arguments);
        var read = Read<T>(arguments, tool);
        if (own is null && handle is null)
        {
            throw OpenEnvFault.Invalid(Episode,
                $"'{Episode}' is absent; {tool} wants the one that reset names. Call reset first.");
        }

        return (own ?? Find(handle!), read);
    }

    private OpenEnvEpisode Find(string handle)
    {
        try
        {
            return sessions.Find(handle, handle);
        }
        catch (PhysIntuitionException missing) when (missing.Fault is Fault.NotFound or Fault.NotAuthenticated)
        {
            throw new PhysIntuitionException(Fault.NotFound, Episode,
                $"'{Episode}' is '{handle}', which is no episode here, or no longer. Call reset for a new one.");
        }
    }

    private string? TakeHandle(JsonObject arguments)
    {
        if (own is not null || arguments[Episode] is not { } node)
        {
            return null;
        }

        var handle = OpenEnvFault.Text(arguments, Episode);
        arguments.Remove(Episode);
        return handle;
    }

    private static T Read<T>(JsonObject arguments, string tool)
    {
        // Some models send them as a text, or wrapped once more.
        if (arguments.Count == 1 && arguments[Wrapped] is { } wrapped)
        {
            throw OpenEnvFault.Invalid(Wrapped, $"'{Wrapped}' is {JsonFields.Show(wrapped)}; {tool} wants an object " +
                "with its own arguments. Send that object itself, not as a text.");
        }

        return JsonFields.Read<T>(arguments, tool);
    }

    private CallToolResult Show(OpenEnvReply reply, OpenEnvEpisode episode)
    {
        List<string?> lines = [];
        if (reply.Reward is { } reward)
        {
            var done = reply.Done ? "true" : "false";
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Reward {reward}. Done: {done}."));
            lines.Add(reply.Metadata.Verdict);
            lines.Add(reply.Metadata.ParseError is { } wrong ? $"The answer could not be read: {wrong}" : null);
        }

        lines.Add(reply.Done ? null : reply.Observation.Prompt);
        lines.Add(own is null ? $"Episode: {episode.Session.Id}" : null);
        return Content(string.Join('\n', lines.OfType<string>()), reply.Observation.Image);
    }

    private static CallToolResult Content(string? text, byte[]? png = null)
    {
        List<ContentBlock> content = text is null ? [] : [new TextContentBlock { Text = text }];
        if (png is not null)
        {
            content.Add(ImageContentBlock.FromBytes(png, "image/png"));
        }

        return new CallToolResult { Content = content, IsError = false };
    }

    private static ListToolsResult Describe(bool hasSession) => new()
    {
        Tools = [.. s_all.Select(tool => new Tool
        {
            Name = tool.Name,
            Description = tool.Description,
            InputSchema = JsonSerializer.SerializeToElement(SchemaOf(tool.Arguments, hasSession)),
        })],
    };

    private static JsonObject SchemaOf(Type arguments, bool hasSession)
    {
        var schema = JsonFields.SchemaOf(arguments);
        if (!hasSession && arguments != typeof(NoArguments))
        {
            var isReset = arguments == typeof(ResetArguments);
            schema["properties"]![Episode] = new JsonObject
            {
                ["type"] = "string",
                ["description"] = isReset ? "The one to play on with; absent: a new one." : "The one that reset named.",
            };
            var required = schema["required"] as JsonArray ?? [];
            schema["required"] = new JsonArray([.. required.Select(name => name!.DeepClone()), .. isReset ? [] :
                new JsonNode[] { Episode }]);
        }

        return schema;
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record NoArguments;

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record ResetArguments
    {
        [Description("Id as list_tasks gives it; absent: the session's task.")]
        public string? Task { get; init; }

        [Description("Which scene; absent: any.")]
        public ulong? Seed { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record RenderArguments
    {
        [Description("Pixels; absent: 224.")]
        public uint? Width { get; init; }

        [Description("Pixels; absent: 224.")]
        public uint? Height { get; init; }
    }

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record StepArguments
    {
        [Description("The reply, with the answer between <answer> and </answer>.")]
        public required string Answer { get; init; }
    }
}
