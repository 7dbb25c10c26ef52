using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Completions from an OpenAI-compatible server that is sent the adapters: vLLM, or our own host.</summary>
/// <remarks>The server must know return_token_ids and /v1/load_lora_adapter, and see the run's folder.</remarks>
internal sealed class RemoteSampler : IDisposable
{
    private const string KeyVariable = "OPENAI_API_KEY", FolderName = "sampler";

    private static readonly TimeSpan s_firstAnswer = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly Uri _address;
    private readonly string _folder, _prefix;
    private string? _loaded;

    /// <summary>Nothing is sent yet.</summary>
    /// <param name="address">With or without /v1.</param>
    /// <param name="runFolder">Where adapters are handed over.</param>
    public RemoteSampler(string address, string runFolder)
    {
        _address = ModelName.Parse($"{address}#adapters").Address!;
        _folder = Path.Combine(Path.GetFullPath(runFolder), FolderName);
        var run = SHA256.HashData(Encoding.UTF8.GetBytes(_folder));
        _prefix = $"physintuition-{Convert.ToHexStringLower(run)[..8]}";
        _http = ChatClients.WithRetries(new GenerationSettings(), new SocketsHttpHandler
        {
            UseProxy = !_address.IsLoopback, AutomaticDecompression = DecompressionMethods.All,
        });
        if (Environment.GetEnvironmentVariable(KeyVariable) is { Length: > 0 } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <summary>Hands the adapters over as they are now; every process waits for it.</summary>
    /// <param name="policy">Whose adapters.</param>
    /// <param name="step">The step that is sampled with them.</param>
    /// <param name="group">Its first process hands over.</param>
    /// <exception cref="IOException">The server does not take them; the message says why.</exception>
    public void Load(Policy policy, long step, ProcessGroup group)
    {
        var name = $"{_prefix}-step-{step}";
        if (group.IsFirst)
        {
            if (_loaded is null)
            {
                RequireServer();
            }

            // A name for each step: no server keeps what it computed with others.
            var folder = Path.Combine(_folder, $"step-{step}");
            policy.Adapters!.Save(folder);
            Hand(name, folder);
            if (_loaded is { } before && before != name)
            {
                Post("unload_lora_adapter", new JsonObject { ["lora_name"] = before });
            }

            foreach (var old in Directory.GetDirectories(_folder).Where(path => path != folder))
            {
                Directory.Delete(old, recursive: true);
            }
        }

        group.Wait();
        _loaded = name;
    }

    /// <summary>Completes prompts; each is one request.</summary>
    /// <returns>Per prompt its completions, with the server's log-probabilities.</returns>
    /// <exception cref="IOException">The server does not answer, or not with tokens.</exception>
    public Completion[][] Write(IReadOnlyList<EncodedChat> prompts, GenerationOptions options) =>
        Task.WhenAll(prompts.Select((prompt, i) => AskAsync(prompt, i, options))).GetAwaiter().GetResult();

    public void Dispose()
    {
        try
        {
            if (_loaded is { } name)
            {
                Post("unload_lora_adapter", new JsonObject { ["lora_name"] = name });
            }
        }
        catch (IOException)
        {
            // The run is over; a server that is gone needs no tidying.
        }

        _http.Dispose();
    }

    /// <summary>A wrong address is said at once; a server that goes later is waited for.</summary>
    private void RequireServer()
    {
        using var once = new HttpClient(new SocketsHttpHandler { UseProxy = !_address.IsLoopback })
        {
            Timeout = s_firstAnswer,
        };
        try
        {
            Task.Run(() => once.GetAsync($"{_address.AbsoluteUri.TrimEnd('/')}/models"))
                .GetAwaiter().GetResult().Dispose();
        }
        catch (Exception failed) when (failed is HttpRequestException or OperationCanceledException)
        {
            throw new IOException(
                $"The sampler at {_address} does not answer: {failed.Message} Start it first, or leave --sampler out.",
                failed);
        }
    }

    private void Hand(string name, string folder)
    {
        var body = new JsonObject { ["lora_name"] = name, ["lora_path"] = folder };
        if (Send("load_lora_adapter", body).Status == HttpStatusCode.BadRequest)
        {
            Send("unload_lora_adapter", new JsonObject { ["lora_name"] = name });   // of a run that was stopped
            Post("load_lora_adapter", body);
        }
    }

    private void Post(string path, JsonObject body)
    {
        var (status, text) = Send(path, body);
        if (status != HttpStatusCode.OK)
        {
            throw Refusal(path, status, text);
        }
    }

    private (HttpStatusCode Status, string Text) Send(string path, JsonObject body) =>
        Task.Run(() => SendAsync(path, body)).GetAwaiter().GetResult();

    private async Task<(HttpStatusCode Status, string Text)> SendAsync(string path, JsonObject body)
    {
        try
        {
            using var reply = await _http.PostAsJsonAsync($"{_address.AbsoluteUri.TrimEnd('/')}/{path}", body)
                .ConfigureAwait(false);
            return (reply.StatusCode, await reply.Content.ReadAsStringAsync().ConfigureAwait(false));
        }
        catch (Exception failed) when (failed is HttpRequestException or Polly.Timeout.TimeoutRejectedException)
        {
            throw new IOException($"The sampler at {_address} does not answer: {failed.Message}", failed);
        }
    }

    private IOException Refusal(string path, HttpStatusCode status, string text) =>
        new($"The sampler at {_address} answered {(int)status} to {path}: "
            + (text.Length > 300 ? text[..300] + " ..." : text));

    private async Task<Completion[]> AskAsync(EncodedChat prompt, int number, GenerationOptions options)
    {
        var (status, text) = await SendAsync("chat/completions", Body(prompt, number, options)).ConfigureAwait(false);
        if (status != HttpStatusCode.OK)
        {
            throw Refusal("chat/completions", status, text);
        }

        try
        {
            using var reply = JsonDocument.Parse(text);
            var read = reply.RootElement.GetProperty("usage").GetProperty("prompt_tokens").GetInt32();
            return read == prompt.Ids.Length
                ? [.. reply.RootElement.GetProperty("choices").EnumerateArray()
                    .OrderBy(choice => choice.GetProperty("index").GetInt32())
                    .Select(choice => Read(choice, options.StopTokens))]
                : throw new IOException($"The sampler at {_address} read a prompt as {read} tokens, which are "
                    + $"{prompt.Ids.Length} here; it must serve the model folder that learns, with its chat template "
                    + "and preprocessor_config.json.");
        }
        catch (Exception other) when (other is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new IOException($"The sampler at {_address} did not answer with token_ids and logprobs; it must know "
                + $"return_token_ids, as vLLM 0.10.2 or newer: {other.Message}", other);
        }
    }

    private JsonObject Body(EncodedChat prompt, int number, GenerationOptions options)
    {
        var body = new JsonObject
        {
            ["model"] = _loaded, ["messages"] = new JsonArray([.. prompt.Messages.Select(Message)]),
            ["n"] = options.CompletionsPerPrompt, ["max_tokens"] = options.MaxNewTokens,
            ["temperature"] = options.Sampling.Temperature, ["logprobs"] = true, ["return_token_ids"] = true,
            ["seed"] = (long)RunningCompletion.SeedOf(options.Seed, number),
        };
        if (options.Sampling.TopP < 1)
        {
            body["top_p"] = options.Sampling.TopP;
        }

        if (options.Sampling.TopK > 0)
        {
            body["top_k"] = options.Sampling.TopK;
        }

        if (options.Sampling.MinP > 0)
        {
            body["min_p"] = options.Sampling.MinP;
        }

        return body;
    }

    private static JsonNode Message(ChatMessage message) => new JsonObject
    {
        ["role"] = message.Role,
        ["content"] = message.Parts is [TextPart only] ? only.Text : new JsonArray([.. message.Parts.Select(part =>
            (JsonNode)(part switch
            {
                TextPart text => new JsonObject { ["type"] = "text", ["text"] = text.Text },
                ImagePart { Image: { } image } => new JsonObject
                {
                    ["type"] = "image_url",
                    ["image_url"] = new JsonObject
                    {
                        ["url"] = "data:image/png;base64," + Convert.ToBase64String(
                            PngEncoder.Encode(image.Pixels, image.Width, image.Height)),
                    },
                },
                _ => throw new NotSupportedException("A sampler is sent texts and pictures alone."),
            }))]),
    };

    private static Completion Read(JsonElement choice, IReadOnlyList<int> stopTokens)
    {
        int[] ids = [.. choice.GetProperty("token_ids").EnumerateArray().Select(id => id.GetInt32())];
        float[] scores = [.. choice.GetProperty("logprobs").GetProperty("content").EnumerateArray()
            .Select(token => token.GetProperty("logprob").GetSingle())];
        return ids.Length > 0 && ids.Length == scores.Length
            ? new Completion(ids, scores, stopTokens.Contains(ids[^1]))
            : throw new InvalidOperationException($"{ids.Length} token_ids and {scores.Length} logprobs");
    }
}
