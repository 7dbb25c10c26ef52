using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Http.Resilience;
using OllamaSharp;
using OpenAI;
using Polly;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Opens models behind an API as <see cref="IChatClient"/>, with retries, limits and a log.</summary>
public static class ChatClients
{
    private const string DefaultOllama = "http://127.0.0.1:11434";

    /// <summary>Opens a model behind an API.</summary>
    /// <param name="model">Which.</param>
    /// <param name="settings">Retries, times and members of requests.</param>
    /// <param name="limit">Requests in flight.</param>
    /// <param name="keyVariable">Environment variable with the key; null: the provider's usual one.</param>
    /// <param name="say">Told in a sentence what had to be sent otherwise.</param>
    /// <exception cref="ArgumentException">The key is missing.</exception>
    public static IChatClient Open(
        ModelName model, GenerationSettings settings, AdaptiveLimit limit, string? keyVariable, Action<string> say)
    {
        var http = Http(model, settings, limit, say);
        return model.Provider switch
        {
            Provider.OpenAI => OpenAI(
                http, model.Name, Key(keyVariable ?? "OPENAI_API_KEY", isNeeded: true), Variable("OPENAI_BASE_URL")),
            Provider.Compatible => OpenAI(http, model.Name,
                Key(keyVariable ?? "OPENAI_API_KEY", isNeeded: keyVariable is not null), model.Address!.ToString()),
            Provider.Anthropic => new AnthropicClient(new Anthropic.Core.ClientOptions
            {
                HttpClient = http, MaxRetries = 0, Timeout = settings.RequestTimeout,
                ApiKey = Key(keyVariable ?? "ANTHROPIC_API_KEY", isNeeded: true),
            }).AsIChatClient(model.Name, settings.MaxTokens),
            Provider.Ollama => new OllamaApiClient(Ollama(http), model.Name),
            _ => throw new ArgumentException($"'{model.Label}' is behind no API."),
        };
    }

    private static IChatClient OpenAI(HttpClient http, string name, string key, string? address)
    {
        var options = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (address is not null)
        {
            options.Endpoint = new Uri(address);
        }

        return new OpenAIClient(new ApiKeyCredential(key), options).GetChatClient(name).AsIChatClient();
    }

    private static HttpClient Ollama(HttpClient http)
    {
        var host = Variable("OLLAMA_HOST") ?? DefaultOllama;
        http.BaseAddress = new Uri(host.Contains("://", StringComparison.Ordinal) ? host : $"http://{host}");
        return http;
    }

    /// <summary>Outermost the time of the whole request, then retries, then the time of an attempt.</summary>
    private static HttpClient Http(
        ModelName model, GenerationSettings settings, AdaptiveLimit limit, Action<string> say)
    {
        // A loopback server never stands behind a proxy.
        var sockets = new SocketsHttpHandler
        {
            UseProxy = model.Address?.IsLoopback != true, MaxConnectionsPerServer = settings.Concurrency,
            AutomaticDecompression = DecompressionMethods.All,
        };
        return WithRetries(settings, new RequestHandler(settings, limit, sentence => say($"{model.Label}: {sentence}"))
        {
            InnerHandler = sockets,
        });
    }

    /// <summary>Asks again after failures that pass, with growing pauses; Retry-After is obeyed.</summary>
    /// <param name="settings">Retries and times.</param>
    /// <param name="attempt">Makes one attempt.</param>
    public static HttpClient WithRetries(GenerationSettings settings, HttpMessageHandler attempt)
    {
        var pipeline = new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddTimeout(settings.RequestTimeout)
            .AddRetry(new HttpRetryStrategyOptions
            {
                MaxRetryAttempts = settings.Retries, BackoffType = DelayBackoffType.Exponential, UseJitter = true,
                Delay = settings.FirstPause, MaxDelay = TimeSpan.FromMinutes(1), ShouldRetryAfterHeader = true,
            })
            .AddTimeout(settings.AttemptTimeout)
            .Build();
        return new HttpClient(new ResilienceHandler(pipeline) { InnerHandler = attempt })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    private static string Key(string variable, bool isNeeded) => Variable(variable)
        ?? (isNeeded ? throw new ArgumentException(
            $"The environment variable {variable} is not set; it holds the key. Set it, or name another with "
            + "--key-from VARIABLE.") : "none");   // the library refuses an empty key; local servers ignore it

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

/// <summary>Opens folders of weights, in a program that has a library to compute with.</summary>
public interface IFolderModels : IDisposable
{
    /// <summary>Refuses what is no model's folder, and settings that its models do not have.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="settings">What will be asked of it.</param>
    /// <exception cref="ArgumentException">It cannot be opened; the message says why.</exception>
    void Check(ModelName model, GenerationSettings settings);

    /// <summary>Opens a model, or gives the one that is open; another one is closed.</summary>
    /// <param name="model">The folder.</param>
    /// <param name="settings">What is asked of it beside the messages.</param>
    IChatClient Open(ModelName model, GenerationSettings settings);
}
