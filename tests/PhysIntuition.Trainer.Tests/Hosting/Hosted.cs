using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Trainer.Rollouts;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>A model behind a real server, and a plain HTTP client.</summary>
internal sealed class Hosted : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };

    private Hosted(ModelEngine engine, HostServer server) => (Engine, Server) = (engine, server);

    public ModelEngine Engine { get; }

    public HostServer Server { get; }

    public HttpClient Http => _http;

    public static async Task<Hosted> StartAsync(
        string folder, ModelEngineOptions? engine = null, string? key = null, int maxTokens = 4096)
    {
        var model = new ModelEngine(Policy.Open(folder, new PolicyOptions()), "tiny", engine);
        return new Hosted(model, await HostServer.StartAsync(model, new HostOptions
        {
            Listen = new IPEndPoint(IPAddress.Loopback, 0), Key = key, MaxTokens = maxTokens,
        }));
    }

    /// <summary>A request about nothing but text.</summary>
    public static JsonObject Ask(string text, params (string Name, JsonNode? Value)[] more)
    {
        var body = new JsonObject
        {
            ["model"] = "tiny", ["temperature"] = 0,
            ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = text }),
        };
        foreach (var (name, value) in more)
        {
            body[name] = value?.DeepClone();
        }

        return body;
    }

    public Task<HttpResponseMessage> PostAsync(string path, JsonNode body, CancellationToken cancellation = default) =>
        _http.PostAsJsonAsync(new Uri(Server.Address, path), body, cancellation);

    /// <summary>What a request is answered; its status must be 200.</summary>
    public async Task<JsonObject> CompleteAsync(JsonObject body)
    {
        using var reply = await PostAsync("v1/chat/completions", body);
        var text = await reply.Content.ReadAsStringAsync();
        Assert.True(reply.StatusCode == HttpStatusCode.OK, text);
        return JsonNode.Parse(text)!.AsObject();
    }

    /// <summary>Waits until so many completions run and so many requests wait.</summary>
    public async Task LoadIsAsync(int running, int waiting)
    {
        using var limit = new CancellationTokenSource(Patience);
        while (Engine.Load != (running, waiting))
        {
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>The events of a stream, [DONE] included.</summary>
    public static async Task<string[]> EventsAsync(HttpResponseMessage reply)
    {
        var text = await reply.Content.ReadAsStringAsync().WaitAsync(Patience);
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line["data: ".Length..])];
    }

    public static string Text(JsonObject reply, int choice = 0) =>
        (string)reply["choices"]![choice]!["message"]!["content"]!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Server.DisposeAsync().AsTask().WaitAsync(Patience);
        Engine.Dispose();
    }
}
