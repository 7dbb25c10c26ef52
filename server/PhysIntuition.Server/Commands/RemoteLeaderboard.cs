using System.CommandLine.Parsing;
using System.Net.Http.Headers;

namespace PhysIntuition.Server.Commands;

/// <summary>A server's leaderboard, over HTTP.</summary>
internal sealed class RemoteLeaderboard : IDisposable
{
    /// <summary>Environment variable with the API token, where a server wants one.</summary>
    public const string TokenVariable = "PHYSINTUITION_TOKEN";

    private static readonly JsonParser s_reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private readonly HttpClient _http;

    /// <param name="server">Address such as http://127.0.0.1:8000.</param>
    public RemoteLeaderboard(Uri server)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = !server.IsLoopback }) // This machine has none.
        {
            BaseAddress = new Uri(server, "/api/leaderboard/"),
        };
        _http.Timeout = TimeSpan.FromMinutes(10);
        if (Environment.GetEnvironmentVariable(TokenVariable) is { Length: > 0 } token)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }
    }

    /// <summary>The server to talk to.</summary>
    public static Option<Uri?> Server { get; } = new("--server")
    {
        Description = "The server's HTTP address. An API token is taken from the environment: " + TokenVariable + ".",
        DefaultValueFactory = _ => new Uri("http://127.0.0.1:8000"),
        CustomParser = ReadAddress,
    };

    /// <summary>Reads an address from the command line.</summary>
    public static Uri? ReadAddress(ArgumentResult argument)
    {
        var text = argument.Tokens.Single().Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        argument.AddError($"'--server' is '{text}'; write it as http://HOST:PORT, for example http://127.0.0.1:8000.");
        return null;
    }

    public void Dispose() => _http.Dispose();

    /// <summary>Asks; fields of the request stand in the path.</summary>
    public Task<T> GetAsync<T>(string path, string runToken = "")
        where T : IMessage<T>, new() => SendAsync<T>(new HttpRequestMessage(HttpMethod.Get, path), runToken);

    /// <summary>Tells.</summary>
    public Task<T> PostAsync<T>(string path, IMessage request, string runToken = "")
        where T : IMessage<T>, new() => SendAsync<T>(
            new HttpRequestMessage(HttpMethod.Post, path)
            {
                Content = new StringContent(JsonFormatter.Default.Format(request), Encoding.UTF8, "application/json"),
            },
            runToken);

    private async Task<T> SendAsync<T>(HttpRequestMessage request, string runToken)
        where T : IMessage<T>, new()
    {
        using (request)
        {
            request.Headers.Add(LeaderboardHttp.TokenHeader, runToken);
            using var answer = await AnswerAsync(request);
            var text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode ? s_reader.Parse<T>(text) : throw Refusal((int)answer.StatusCode, text);
        }
    }

    private async Task<HttpResponseMessage> AnswerAsync(HttpRequestMessage request)
    {
        try
        {
            return await _http.SendAsync(request);
        }
        catch (HttpRequestException failure)
        {
            throw new IOException($"No server answers at {_http.BaseAddress!.GetLeftPart(UriPartial.Authority)} " +
                $"({failure.Message}). Start one with ./physintuition serve, or name its HTTP address with --server.");
        }
    }

    private static PhysIntuitionException Refusal(int status, string text)
    {
        try
        {
            var error = s_reader.Parse<Error>(text);
            var fault = status is 404 or 422 ? Fault.InvalidArgument : Fault.Unavailable;
            return new PhysIntuitionException(fault, error.Field, error.Message.Length > 0 ? error.Message : text);
        }
        catch (Exception wrong) when (wrong is InvalidProtocolBufferException or InvalidJsonException)
        {
            return new PhysIntuitionException(Fault.Unavailable, "--server",
                $"The server answered with status {status} and no reason; is it the HTTP address of a PhysIntuition " +
                "server?");
        }
    }
}
