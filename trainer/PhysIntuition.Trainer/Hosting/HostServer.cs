using System.Net;
using System.Net.Mime;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>How a host listens.</summary>
public sealed record HostOptions
{
    /// <summary>Address and port; port 0 takes a free one.</summary>
    public IPEndPoint Listen { get; init; } = new(IPAddress.Loopback, 8000);

    /// <summary>What requests must bring as a bearer; null: nothing.</summary>
    public string? Key { get; init; }

    /// <summary>The most tokens of a completion.</summary>
    public int MaxTokens { get; init; } = 4096;
}

/// <summary>A model as an OpenAI-compatible server: chat completions, models, adapters, health.</summary>
public sealed class HostServer : IAsyncDisposable
{
    private const int LargestBody = 64 << 20;   // bytes: some dozens of pictures

    private static readonly TimeSpan s_timeToStop = TimeSpan.FromSeconds(5);

    private readonly WebApplication _app;
    private readonly ModelEngine _engine;
    private readonly HostOptions _options;
    private readonly long _started = DateTimeOffset.UtcNow.ToUnixTimeSeconds();

    private HostServer(WebApplication app, ModelEngine engine, HostOptions options) =>
        (_app, _engine, _options) = (app, engine, options);

    /// <summary>Where it listens.</summary>
    public Uri Address => new(_app.Urls.Single());

    /// <summary>Begins to listen.</summary>
    /// <param name="engine">Who answers; stays the caller's.</param>
    /// <param name="options">How to listen.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<HostServer> StartAsync(ModelEngine engine, HostOptions options)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(options.Listen);
            kestrel.Limits.MaxRequestBodySize = LargestBody;
        });
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(
            host => host.ShutdownTimeout = s_timeToStop);
        if (IPAddress.IsLoopback(options.Listen.Address))
        {
            // A page of another name that resolves to this machine must not drive the server from a browser.
            builder.Services.AddHostFiltering(hosts => hosts.AllowedHosts = ["localhost", "127.0.0.1", "[::1]"]);
        }

        var app = builder.Build();
        var server = new HostServer(app, engine, options);
        server.Map();
        await app.StartAsync().ConfigureAwait(false);
        return server;
    }

    /// <summary>Waits until it is told to stop.</summary>
    public Task WaitAsync(CancellationToken cancellation) => _app.WaitForShutdownAsync(cancellation);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }

    private void Map()
    {
        if (IPAddress.IsLoopback(_options.Listen.Address))
        {
            _app.UseHostFiltering();
        }

        _app.Use(AnswerFaultsAsync);
        _app.MapGet("/health", () => Results.Json(new
        {
            status = "ok", model = _engine.Name, running = _engine.Load.Running, waiting = _engine.Load.Waiting,
        }));
        _app.MapGet("/v1/models", () => Results.Json(
            new { @object = "list", data = _engine.Names.Select(Describe) }, ChatReply.Json));
        _app.MapGet("/v1/models/{**name}", (string name) => _engine.Names.Contains(name)
            ? Results.Json(Describe(name), ChatReply.Json)
            : throw KnownNames.Unknown("model", name, [.. _engine.Names]));
        _app.MapPost("/v1/chat/completions", CompleteAsync);
        _app.MapPost("/v1/load_lora_adapter", LoadAsync);
        _app.MapPost("/v1/unload_lora_adapter", UnloadAsync);
        _app.MapFallback((HttpContext context) => throw new PhysIntuitionException(Fault.NotFound, "path",
            $"'{context.Request.Method} {context.Request.Path}' is nothing here; there is POST /v1/chat/completions, "
            + "GET /v1/models, POST /v1/load_lora_adapter, POST /v1/unload_lora_adapter, GET /health."));
    }

    private object Describe(string name) => new
    {
        Id = name, Object = "model", Created = _started, OwnedBy = "physintuition",
        Parent = name == _engine.Name ? null : _engine.Name,
    };

    private async Task CompleteAsync(HttpContext context)
    {
        var request = ChatRequest.Read(await BodyAsync(context).ConfigureAwait(false), _engine, _options.MaxTokens);
        var parts = _engine.CompleteAsync(request.Completion, context.RequestAborted);
        var reply = new ChatReply(request, _engine.Encoder.Tokenizer);
        if (request.Streams)
        {
            await StreamAsync(context, request, reply, parts).ConfigureAwait(false);
            return;
        }

        var whole = await WholeCompletion.GatherAsync(parts, request.Completion.Count).ConfigureAwait(false);
        context.Response.ContentType = MediaTypeNames.Application.Json;
        await context.Response.Body.WriteAsync(reply.Whole(whole), context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Server-sent events, as long as the client listens.</summary>
    private static async Task StreamAsync(
        HttpContext context, ChatRequest request, ChatReply reply, IAsyncEnumerable<CompletionPart> parts)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        for (var completion = 0; completion < request.Completion.Count; completion++)
        {
            await SendAsync(context, reply.Opening(completion)).ConfigureAwait(false);
        }

        try
        {
            await foreach (var part in parts.ConfigureAwait(false))
            {
                if (reply.Chunk(part) is { } chunk)
                {
                    await SendAsync(context, chunk).ConfigureAwait(false);
                }
            }
        }
        catch (InvalidOperationException failed)
        {
            await SendAsync(context, ErrorReply.Of(failed).Body).ConfigureAwait(false);
            return;
        }

        if (request.TellsUsage)
        {
            await SendAsync(context, reply.UsageChunk()).ConfigureAwait(false);
        }

        await SendAsync(context, "[DONE]"u8.ToArray()).ConfigureAwait(false);
    }

    private static async Task SendAsync(HttpContext context, byte[] data)
    {
        byte[] line = [.. "data: "u8, .. data, .. "\n\n"u8];
        await context.Response.Body.WriteAsync(line, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private async Task LoadAsync(HttpContext context)
    {
        var reader = new ChatReader(await BodyAsync(context).ConfigureAwait(false));
        reader.RequireKnown(["lora_name", "lora_path", "load_inplace", "base_model_name"]);
        var name = reader.Need("lora_name", "what requests will call the adapters.").GetString()!;
        var folder = reader.Need("lora_path", "a folder with adapter_config.json.").GetString()!;
        await _engine.LoadAdapterAsync(name, folder, reader.Flag("load_inplace")).ConfigureAwait(false);
        await context.Response.WriteAsync($"Success: LoRA adapter '{name}' added successfully.").ConfigureAwait(false);
    }

    private async Task UnloadAsync(HttpContext context)
    {
        var reader = new ChatReader(await BodyAsync(context).ConfigureAwait(false));
        reader.RequireKnown(["lora_name", "lora_int_id"]);
        var name = reader.Need("lora_name", "which adapters are to go.").GetString()!;
        await _engine.UnloadAdapterAsync(name).ConfigureAwait(false);
        await context.Response.WriteAsync($"Success: LoRA adapter '{name}' removed successfully.")
            .ConfigureAwait(false);
    }

    private static Task<JsonElement> BodyAsync(HttpContext context) => context.Request.HasJsonContentType()
        ? ChatReader.ReadAsync(context.Request.Body, context.RequestAborted)
        : throw new PhysIntuitionException(Fault.InvalidArgument, "content-type",
            $"'content-type' is '{context.Request.ContentType}'; must be application/json.");

    /// <summary>Every failure in OpenAI's shape; and no answer without the key.</summary>
    private async Task AnswerFaultsAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (context.Request.Path != "/health")
            {
                RequireKey(context.Request);
            }

            await next(context).ConfigureAwait(false);
        }
        catch (Exception) when (context.RequestAborted.IsCancellationRequested || context.Response.HasStarted)
        {
            context.Abort();
        }
        catch (Exception failed)
        {
            var error = ErrorReply.Of(failed);
            context.Response.StatusCode = error.Status;
            context.Response.ContentType = MediaTypeNames.Application.Json;
            if (error.RetryAfter is { } pause)
            {
                context.Response.Headers.RetryAfter =
                    Math.Ceiling(pause.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            await context.Response.Body.WriteAsync(error.Body).ConfigureAwait(false);
        }
    }

    private void RequireKey(HttpRequest request)
    {
        const string scheme = "Bearer ";
        var given = request.Headers.Authorization.ToString();
        if (_options.Key is { } key && !(given.StartsWith(scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(
                Encoding.UTF8.GetBytes(given[scheme.Length..]), Encoding.UTF8.GetBytes(key))))
        {
            throw new PhysIntuitionException(Fault.NotAuthenticated, "authorization",
                $"'authorization' is {(given.Length == 0 ? "missing" : "another key")}; must be 'Bearer KEY' with the "
                + "key that this server was started with.");
        }
    }
}

/// <summary>A failure in OpenAI's shape.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Body">{"error": {"message", "type", "param", "code"}}.</param>
/// <param name="RetryAfter">When a retry makes sense; null: not before something else changes.</param>
internal sealed record ErrorReply(int Status, byte[] Body, TimeSpan? RetryAfter)
{
    // Members without a value are there, as in OpenAI's; text as it is.
    private static readonly JsonSerializerOptions s_json = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    public static ErrorReply Of(Exception failed) => failed switch
    {
        PhysIntuitionException { Fault: Fault.NotAuthenticated } fault =>
            New(401, "authentication_error", fault.Message, fault.Field, "invalid_api_key"),
        PhysIntuitionException { Fault: Fault.NotFound, Field: "model" } fault =>
            New(404, "invalid_request_error", fault.Message, fault.Field, "model_not_found"),
        PhysIntuitionException { Fault: Fault.NotFound, Field: "path" or "lora_name" } fault =>
            New(404, "invalid_request_error", fault.Message, fault.Field, "not_found"),
        PhysIntuitionException { Fault: Fault.LimitReached } fault => New(
            429, "rate_limit_error", fault.Message, null, "queue_full", fault.RetryAfter ?? s_pause),
        PhysIntuitionException fault => New(400, "invalid_request_error", fault.Message, fault.Field, "invalid_value"),
        BadHttpRequestException bad => New(bad.StatusCode, "invalid_request_error", bad.Message, null, "bad_request"),
        ArgumentException or IOException or UnauthorizedAccessException or JsonException =>
            New(400, "invalid_request_error", failed.Message, null, "invalid_value"),
        OperationCanceledException => New(503, "server_error", failed.Message, null, "closing", s_pause),
        _ => New(500, "server_error", failed.Message, null, "internal_error"),
    };

    private static ErrorReply New(
        int status, string type, string message, string? param, string code, TimeSpan? retryAfter = null) =>
        new(status, JsonSerializer.SerializeToUtf8Bytes(new { error = new { message, type, param, code } }, s_json),
            retryAfter);
}
