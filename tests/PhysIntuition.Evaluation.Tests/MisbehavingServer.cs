using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PhysIntuition.Evaluation.Tests;

/// <summary>What a server does in place of answering.</summary>
public enum Misbehaviour
{
    /// <summary>429 with Retry-After.</summary>
    TooMany,

    /// <summary>500 with an error.</summary>
    Fault,

    /// <summary>A connection that is cut in the middle of the body.</summary>
    Cut,

    /// <summary>200 with a proxy's HTML page.</summary>
    Html,

    /// <summary>200 without content.</summary>
    Empty,

    /// <summary>200 with thoughts alone, finish_reason length.</summary>
    ThoughtsAlone,

    /// <summary>200 without usage.</summary>
    NoUsage,
}

/// <summary>OpenAI's chat completions over real HTTP, answering "yes", misbehaving on order.</summary>
internal sealed class MisbehavingServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _count;

    private MisbehavingServer(WebApplication app)
    {
        _app = app;
    }

    /// <summary>What is done to the request of this number, from 0 on; null: an answer.</summary>
    public Func<int, Misbehaviour?> Order { get; set; } = _ => null;

    /// <summary>Members that are refused with 400.</summary>
    public HashSet<string> Refuses { get; } = [];

    /// <summary>What it answers.</summary>
    public string Answer { get; set; } = "<answer>yes</answer>";

    /// <summary>Waits before an answer.</summary>
    public TimeSpan Latency { get; set; }

    /// <summary>Every body that came.</summary>
    public ConcurrentBag<JsonObject> Bodies { get; } = [];

    /// <summary>Times that each misbehaviour was shown.</summary>
    public ConcurrentDictionary<Misbehaviour, int> Shown { get; } = [];

    /// <summary>The model as the command line names it.</summary>
    public string Model => $"{_app.Urls.Single()}#tiny";

    public static async Task<MisbehavingServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var server = new MisbehavingServer(app);
        app.MapPost("/v1/chat/completions", server.CompleteAsync);
        await app.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task CompleteAsync(HttpContext context)
    {
        var number = Interlocked.Increment(ref _count) - 1;
        var body = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        Bodies.Add(body);
        if (Refuses.FirstOrDefault(body.ContainsKey) is { } refused)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsJsonAsync(new
            {
                error = new { message = $"Unsupported parameter: '{refused}'.", param = refused },
            });
            return;
        }

        await Task.Delay(Latency, context.RequestAborted);
        var misbehaviour = Order(number);
        if (misbehaviour is { } shown)
        {
            Shown.AddOrUpdate(shown, 1, (_, times) => times + 1);
        }

        switch (misbehaviour)
        {
            case Misbehaviour.TooMany:
                context.Response.StatusCode = 429;
                context.Response.Headers.RetryAfter = "0";
                await context.Response.WriteAsJsonAsync(new { error = new { message = "Slow down." } });
                break;
            case Misbehaviour.Fault:
                context.Response.StatusCode = 500;
                await context.Response.WriteAsJsonAsync(new { error = new { message = "Oops." } });
                break;
            case Misbehaviour.Cut:
                context.Response.ContentLength = 1000;
                await context.Response.WriteAsync("{\"choices\":[");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            case Misbehaviour.Html:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html>Bad gateway</html>");
                break;
            default:
                await AnswerAsync(context, misbehaviour);
                break;
        }
    }

    private Task AnswerAsync(HttpContext context, Misbehaviour? misbehaviour)
    {
        var message = new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = misbehaviour is Misbehaviour.Empty or Misbehaviour.ThoughtsAlone
                ? "" : Answer,
        };
        if (misbehaviour is Misbehaviour.ThoughtsAlone)
        {
            message["reasoning_content"] = "The tower leans, and leans";
        }

        var reply = new JsonObject
        {
            ["id"] = "1", ["object"] = "chat.completion", ["created"] = 1, ["model"] = "tiny-2026-01-01",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0, ["message"] = message,
                ["finish_reason"] = misbehaviour is Misbehaviour.ThoughtsAlone ? "length" : "stop",
            }),
        };
        if (misbehaviour is not Misbehaviour.NoUsage)
        {
            reply["usage"] = new JsonObject
            {
                ["prompt_tokens"] = 100, ["completion_tokens"] = 10, ["total_tokens"] = 110,
            };
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(reply.ToJsonString(new JsonSerializerOptions()));
    }
}
