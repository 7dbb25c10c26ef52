namespace PhysIntuition.Trainer.Hosting;

/// <summary>A request of OpenAI's chat completions.</summary>
/// <param name="Completion">What the engine is asked.</param>
/// <param name="Streams">Answers token by token.</param>
/// <param name="TellsUsage">Ends a stream with the tokens used.</param>
/// <param name="TellsLogProbabilities">Says how probable each token was.</param>
/// <param name="TellsTokens">Says the tokens' ids, as vLLM does.</param>
internal sealed record ChatRequest(
    CompletionRequest Completion, bool Streams, bool TellsUsage, bool TellsLogProbabilities, bool TellsTokens)
{
    private const int MostStops = 4, MostAlternatives = 20;

    // What changes nothing here, and what would change answers and must be as it is by default.
    private static readonly string[] s_read =
    [
        "model", "messages", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k", "min_p", "n",
        "seed", "stop", "stream", "stream_options", "logprobs", "top_logprobs", "return_token_ids",
        "ignore_eos",
    ];

    private static readonly string[] s_idle =
        ["user", "store", "metadata", "service_tier", "parallel_tool_calls", "safety_identifier", "prompt_cache_key"];

    private static readonly Dictionary<string, string[]> s_defaultsAlone = new()
    {
        ["frequency_penalty"] = ["0", "0.0"], ["presence_penalty"] = ["0", "0.0"], ["logit_bias"] = ["{}"],
        ["response_format"] = ["{\"type\":\"text\"}"], ["tools"] = ["[]"], ["tool_choice"] = ["\"none\"", "\"auto\""],
        ["modalities"] = ["[\"text\"]"],
    };

    private static readonly string[] s_known = [.. s_read, .. s_idle, .. s_defaultsAlone.Keys];

    private static readonly ChatOptions s_answer = new() { AddGenerationPrompt = true };

    /// <summary>Reads a request's body.</summary>
    /// <param name="body">A JSON object.</param>
    /// <param name="engine">Who will answer.</param>
    /// <param name="mostTokens">The most that a completion may have; also where the request says nothing.</param>
    /// <exception cref="PhysIntuitionException">It asks for what there is not; the message says what to do.</exception>
    public static ChatRequest Read(JsonElement body, ModelEngine engine, int mostTokens)
    {
        var reader = new ChatReader(body);
        reader.RequireKnown(s_known);
        RequireDefaults(reader);
        var tellsLogProbabilities = reader.Flag("logprobs");
        var alternatives = reader.Whole("top_logprobs", 0, MostAlternatives) ?? 0;
        if (alternatives > 0 && !tellsLogProbabilities)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "top_logprobs",
                $"'top_logprobs' is {alternatives}, which needs 'logprobs'; set it to true.");
        }

        var streams = reader.Flag("stream");
        var model = reader.Text("model") ?? engine.Name;
        if (!engine.Names.Contains(model))
        {
            throw KnownNames.Unknown("model", model, [.. engine.Names]);
        }

        var messages = MessageReader.Read(reader.Need("messages", "write [{\"role\": \"user\", \"content\": ...}]."));
        return new ChatRequest(
            new CompletionRequest(model, engine.Encoder.Encode(messages, s_answer))
            {
                Sampling = Sampling(reader),
                MaxTokens = reader.Whole("max_completion_tokens", 1, mostTokens)
                    ?? reader.Whole("max_tokens", 1, mostTokens) ?? mostTokens,
                Count = reader.Whole("n", 1, engine.Options.MaxRunning) ?? 1,
                Seed = Seed(reader), Stop = Stops(reader), Alternatives = alternatives, Streams = streams,
                IgnoresStopTokens = reader.Flag("ignore_eos"),
            },
            streams, streams && TellsUsageOf(reader), tellsLogProbabilities, reader.Flag("return_token_ids"));
    }

    private static SamplingOptions Sampling(ChatReader reader) => new()
    {
        Temperature = (float)reader.Number("temperature", 1, 0, 2),
        TopP = reader.Number("top_p", 1, 0, 1) is > 0 and var topP ? (float)topP
            : throw ChatReader.Wrong("top_p", reader.Find("top_p")!.Value, "must be in (0, 1]; 1 keeps all tokens."),
        TopK = Math.Max(0, reader.Whole("top_k", -1, int.MaxValue) ?? 0),   // -1, too, keeps all
        MinP = (float)reader.Number("min_p", 0, 0, 1),
    };

    private static ulong Seed(ChatReader reader) => reader.Find("seed") is not { } value
        ? VlmChatClient.AnySeed()
        : value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seed)
            ? (ulong)seed
            : throw ChatReader.Wrong("seed", value, "must be a whole number of 64 bits.");

    private static string[] Stops(ChatReader reader)
    {
        if (reader.Find("stop") is not { } value)
        {
            return [];
        }

        JsonElement[] stops = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return stops.Length <= MostStops
            && stops.All(stop => stop.ValueKind == JsonValueKind.String && stop.GetString() is { Length: > 0 })
            ? [.. stops.Select(stop => stop.GetString()!)]
            : throw ChatReader.Wrong("stop", value, $"must be a text, or up to {MostStops} of them, none empty.");
    }

    private static bool TellsUsageOf(ChatReader reader) => reader.Find("stream_options") is { } options
        && (options.ValueKind == JsonValueKind.Object ? new ChatReader(options).Flag("include_usage")
            : throw ChatReader.Wrong("stream_options", options, "must be an object, as {\"include_usage\": true}."));

    private static void RequireDefaults(ChatReader reader)
    {
        foreach (var (name, defaults) in s_defaultsAlone)
        {
            if (reader.Find(name) is { } value && !defaults.Contains(JsonSerializer.Serialize(value)))
            {
                throw ChatReader.Wrong(
                    name, value, $"this server has only the default, {defaults[0]}. Leave it out.");
            }
        }
    }
}
