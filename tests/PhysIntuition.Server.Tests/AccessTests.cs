using System.Net;
using System.Net.Http.Headers;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Faults;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>API tokens: who is let in, what each may do, and how much of it.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"tokens-{Guid.NewGuid():N}.json");
    private readonly List<ApiToken> _tokens = [];

    public void Dispose() => File.Delete(_file);

    [Fact]
    public void Create_AToken_StoresNoPartOfItsSecret()
    {
        var text = Given(Scopes.Play);
        var secret = text[12..];

        Assert.DoesNotContain(secret, File.ReadAllText(_file));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_file));
        Assert.True(ApiToken.TryParse(text, out var id, out var parsed));
        var stored = Assert.Single(TokenFile.Read(_file));
        Assert.Equal(id, stored.Id);
        Assert.True(stored.Admits(parsed));
        Assert.False(stored.Admits(parsed[..^1] + (parsed[^1] == 'A' ? 'B' : 'A')));
    }

    [Fact]
    public async Task Call_WithoutOrWithAWrongToken_IsUnauthenticatedAndSaysHowToGetOne()
    {
        var text = Given(Scopes.Play);
        await using var server = await StartAsync();
        var none = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest()));
        var wrong = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(
            new OpenSessionRequest(), Bearer(text[..^1] + (text[^1] == 'A' ? 'B' : 'A'))));
        var open = await server.Stub.OpenSessionAsync(new OpenSessionRequest(), Bearer(text));

        Assert.Equal((StatusCode.Unauthenticated, "NOT_AUTHENTICATED"), (none.Code, none.Error.Reason));
        Assert.Contains("physintuition tokens create", none.Error.Message);
        Assert.Equal(StatusCode.Unauthenticated, wrong.Code);
        Assert.NotEmpty(open.Id);
    }

    [Fact]
    public async Task Call_BeyondTheScopes_IsDeniedAndSaysWhichScopeIsWanted()
    {
        var play = Bearer(Given(Scopes.Play));
        var score = Bearer(Given(Scopes.Score));
        await using var server = await StartAsync();
        var request = new ScoreRequest
        {
            Task = "Offset-v1",
            Seeds = { 50 },
            Texts = new TextActions { Answers = { "none" } },
        };
        var scored = await server.Stub.ScoreAsync(request, score);
        var refusal = await Tests.Given.RefusalAsync(server.Stub.ScoreAsync(request, play));
        var noSession = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest(), score));
        var tasks = await server.Stub.ListTasksAsync(new ListTasksRequest(), score);

        Assert.Single(Tests.Given.Floats(scored.Rewards));
        Assert.Equal((StatusCode.PermissionDenied, "NOT_ALLOWED"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains("--scopes score", refusal.Error.Message);
        Assert.Equal(StatusCode.PermissionDenied, noSession.Code);
        Assert.NotEmpty(tasks.Tasks);
    }

    [Fact]
    public async Task Scopes_OfEveryMethod_AreTheseAndNoMethodIsForgotten()
    {
        await using var server = await RunningServer.StartAsync();
        var methods = server.Services.GetRequiredService<EndpointDataSource>().Endpoints
            .Select(endpoint => (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method, endpoint))
            .Where(item => item.Method is not null)
            .ToLookup(item => NeededScopeAttribute.Of(item.endpoint.Metadata), item => item.Method!.Name);
        string[] Of(Scopes? scope) => [.. methods[scope].Order(StringComparer.Ordinal)];

        Assert.Equal(["Check", "Watch"], Of(null));
        Assert.Equal(
            [
                "CompareRuns", "GetMethod", "GetResult", "GetServerInfo", "GetTask", "GetTransferMatrix", "ListBoards",
                "ListFailures", "ListSeasons", "ListStandings", "ListTasks", "ServerReflectionInfo",
                "ServerReflectionInfo",
            ],
            Of(Scopes.None));
        Assert.Equal(
            ["Close", "CloseSession", "Create", "Fork", "OpenSession", "Render", "Reset", "Restore", "Run", "Snapshot",
                "Step"],
            Of(Scopes.Play));
        Assert.Equal(
            ["Answer", "CloseRun", "GetNext", "GetRun", "Observe", "OpenRun", "Score", "StreamDataset"],
            Of(Scopes.Score));
    }

    [Fact]
    public async Task Call_FromAPageWithoutAToken_IsUnauthenticatedInWordsOfGrpcWeb()
    {
        Given(Scopes.Play);
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var content = new ByteArrayContent(new byte[5]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc-web");
        using var answer = await http.PostAsync(
            new Uri("/physintuition.v1.EnvironmentService/OpenSession", UriKind.Relative), content)
            .WaitAsync(RunningServer.Patience);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("application/grpc-web", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(["16"], answer.Headers.GetValues("grpc-status"));
        Assert.Contains("tokens%20create", Assert.Single(answer.Headers.GetValues("grpc-message")));
    }

    [Fact]
    public async Task Score_InAStreamOfASessionWithoutTheScope_IsDenied()
    {
        var play = Bearer(Given(Scopes.Play));
        await using var server = await StartAsync();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest(), play);
        using var stream = server.Stub.Run(With(session, play));
        await stream.RequestStream.WriteAsync(new RunRequest
        {
            RequestId = 1,
            Score = new ScoreRequest { Task = "Offset-v1", Seeds = { 1 }, Texts = new TextActions() },
        });

        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(RunningServer.Patience));
        Assert.Equal((uint)StatusCode.PermissionDenied, stream.ResponseStream.Current.Error.Code);
    }

    [Fact]
    public async Task Http_WithTokens_AsksForThemExceptForHealth()
    {
        var play = Given(Scopes.Play);
        var admin = Given(Scopes.Admin);
        var score = Given(Scopes.Score);
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };

        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/health", null));
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(http, "/schema", null));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/schema", play));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/metrics", play));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/metrics", admin));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/vagen/health", null));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(http, "/reverify_mode", play));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(http, "/reverify_mode", score));
    }

    [Fact]
    public async Task Environments_UnderOneIdAndTwoTokens_AreTwo()
    {
        string[] tokens = [Given(Scopes.Play), Given(Scopes.Play)];
        await using var server = await StartAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        const string reset = """{"ids2seeds":{"a":1}}""";

        var made = await PostAsync("/environments", """{"ids2configs":{"a":{"env_name":"Offset-v1"}}}""", tokens[0]);
        Assert.Equal(HttpStatusCode.OK, made);
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("/batch/reset", reset, tokens[1]));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("/batch/close", """{"env_ids":["a"]}""", tokens[1]));
        Assert.Equal(HttpStatusCode.OK, await PostAsync("/batch/reset", reset, tokens[0]));

        async Task<HttpStatusCode> PostAsync(string path, string body, string token)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            using var answer = await http.SendAsync(request).WaitAsync(RunningServer.Patience);
            return answer.StatusCode;
        }
    }

    [Fact]
    public async Task Limits_OfAToken_HoldForAllItsSessionsAndForNobodyElse()
    {
        var small = Bearer(Given(Scopes.Play, token => token with { MaxSessions = 2, MaxSlots = 5 }));
        var other = Bearer(Given(Scopes.Play));
        await using var server = await StartAsync();
        var first = With(await server.Stub.OpenSessionAsync(new OpenSessionRequest(), small), small);
        var second = With(await server.Stub.OpenSessionAsync(new OpenSessionRequest(), small), small);
        var third = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest(), small));
        await server.Stub.CreateAsync(Tests.Given.Create(3), first);
        var slots = await Tests.Given.RefusalAsync(server.Stub.CreateAsync(Tests.Given.Create(3), second));
        await server.Stub.CloseSessionAsync(new CloseSessionRequest(), first);
        await server.Stub.CreateAsync(Tests.Given.Create(5), second);
        var elsewhere = With(await server.Stub.OpenSessionAsync(new OpenSessionRequest(), other), other);
        await server.Stub.CreateAsync(Tests.Given.Create(6), elsewhere);

        Assert.Equal(StatusCode.ResourceExhausted, third.Code);
        Assert.Contains("max_sessions of token", third.Error.Option);
        Assert.Equal(StatusCode.ResourceExhausted, slots.Code);
        Assert.Contains("max_slots of token", slots.Error.Option);
    }

    [Fact]
    public async Task Rate_OfAToken_RefusesBeyondABurstOfOneSecondAndSaysWhenToRetry()
    {
        var time = new TestTime();
        var slow = Bearer(Given(Scopes.Play, token => token with { RequestsPerSecond = 4 }));
        await using var server = await StartAsync(time);
        var headers = With(await server.Stub.OpenSessionAsync(new OpenSessionRequest(), slow), slow);
        for (var i = 0; i < 4; i++)
        {
            await server.Stub.CloseAsync(new CloseRequest { Environment = 1 }, headers);
        }

        var refusal = await Tests.Given.RefusalAsync(
            server.Stub.CloseAsync(new CloseRequest { Environment = 1 }, headers));
        time.Advance(TimeSpan.FromMilliseconds(refusal.Error.RetryAfterMs));
        await server.Stub.CloseAsync(new CloseRequest { Environment = 1 }, headers);

        // Four in a second: the fifth is due a quarter of a second after the burst.
        Assert.Equal((StatusCode.ResourceExhausted, 250u), (refusal.Code, refusal.Error.RetryAfterMs));
    }

    [Fact]
    public async Task Revoke_WhileASessionIsOpen_EndsItWithinASecond()
    {
        var time = new TestTime();
        var text = Bearer(Given(Scopes.Play));
        await using var server = await StartAsync(time);
        var session = With(await server.Stub.OpenSessionAsync(new OpenSessionRequest(), text), text);
        using var stream = server.Stub.Run(session);
        await stream.RequestStream.WriteAsync(new RunRequest { Close = new CloseRequest { Environment = 1 } });
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(RunningServer.Patience));
        TokenFile.Write(_file, []);
        File.SetLastWriteTimeUtc(_file, DateTime.UnixEpoch);
        time.Advance(TimeSpan.FromSeconds(1));
        var refusal = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest(), text));
        await stream.RequestStream.WriteAsync(new RunRequest { Close = new CloseRequest { Environment = 1 } });

        Assert.Equal(StatusCode.Unauthenticated, refusal.Code);
        Assert.True(await stream.ResponseStream.MoveNext(default).WaitAsync(RunningServer.Patience));
        Assert.Contains("was revoked", stream.ResponseStream.Current.Error.Message);
    }

    [Fact]
    public async Task Token_PastItsEnd_IsUnauthenticated()
    {
        var time = new TestTime();
        var text = Bearer(Given(Scopes.Play, token => token with { Expires = DateTimeOffset.UnixEpoch.AddDays(1) }));
        await using var server = await StartAsync(time);
        await server.Stub.OpenSessionAsync(new OpenSessionRequest(), text);
        time.Advance(TimeSpan.FromDays(2));
        var refusal = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest(), text));

        Assert.Equal(StatusCode.Unauthenticated, refusal.Code);
        Assert.Contains("expired", refusal.Error.Message);
    }

    [Fact]
    public async Task Open_UnderAnIdOfTheClientsChoice_TakesItOnce()
    {
        await using var server = await RunningServer.StartAsync();
        var id = new string('q', 22);
        var chosen = new Metadata { { "physintuition-session", id } };
        var opened = await server.Stub.OpenSessionAsync(new OpenSessionRequest(), chosen);
        var again = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(new OpenSessionRequest(), chosen));
        var odd = await Tests.Given.RefusalAsync(server.Stub.OpenSessionAsync(
            new OpenSessionRequest(), new Metadata { { "physintuition-session", "short" } }));

        Assert.Equal(id, opened.Id);
        Assert.Equal((StatusCode.FailedPrecondition, "SESSION_EXISTS"), (again.Code, again.Error.Reason));
        Assert.Equal(StatusCode.InvalidArgument, odd.Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"tokens":[null]}""")]
    [InlineData("""{"tokens":[{"id":"a","name":"b","hash":"c","scopes":"fly"}]}""")]
    [InlineData("""{"tokens":[],"extra":1}""")]
    public void Parse_NoTokenFile_SaysWhatIsWrong(string json)
    {
        var wrong = Assert.Throws<PhysIntuitionException>(() => TokenFile.Parse(json, "file"));

        Assert.Contains("tokens create", wrong.Message);
    }

    private string Given(Scopes scopes, Func<ApiToken, ApiToken>? change = null)
    {
        var (stored, text) = ApiToken.Create($"token-{_tokens.Count}", scopes, DateTimeOffset.UnixEpoch);
        _tokens.Add(change is null ? stored : change(stored));
        TokenFile.Write(_file, _tokens);
        return text;
    }

    private Task<RunningServer> StartAsync(TimeProvider? time = null) =>
        RunningServer.StartAsync(time, $"Listen:TokenFile={_file}");

    private static Metadata Bearer(string text) => new() { { "authorization", $"Bearer {text}" } };

    private static Metadata With(SessionInfo session, Metadata token)
    {
        var headers = RunningServer.Headers(session);
        headers.Add(token[0]);
        return headers;
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, string path, string? token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
