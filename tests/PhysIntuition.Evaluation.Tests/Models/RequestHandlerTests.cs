using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using PhysIntuition.Evaluation.Models;

namespace PhysIntuition.Evaluation.Tests.Models;

/// <summary>One attempt, shaped for the server; retries around it.</summary>
public sealed class RequestHandlerTests
{
    private const string Question = """{"model":"m","messages":[],"max_completion_tokens":64,"temperature":0}""";
    private const string Answer = """{"choices":[{"message":{"content":"yes"}}]}""";

    private readonly List<JsonObject> _sent = [];
    private readonly List<string> _said = [];
    private readonly AdaptiveLimit _limit = new(64);

    [Fact]
    public async Task Send_MembersOfExtraBody_AreAddedAndReplaceOthers()
    {
        var settings = new GenerationSettings { ExtraBody = new() { ["top_k"] = 5, ["temperature"] = 0.5 } };

        await AskAsync(settings, _ => Reply(HttpStatusCode.OK, Answer));

        var sent = Assert.Single(_sent);
        Assert.Equal((5, 0.5, "m"), ((int)sent["top_k"]!, (double)sent["temperature"]!, (string)sent["model"]!));
    }

    [Fact]
    public async Task Send_RefusedNameOfTheLimit_IsSentByItsOtherOneFromThenOnAndSaidOnce()
    {
        HttpResponseMessage Serve(JsonObject body) => body.ContainsKey("max_completion_tokens")
            ? Reply(HttpStatusCode.BadRequest, """{"error": {"message": "Unknown 'max_completion_tokens'"}}""")
            : Reply(HttpStatusCode.OK, Answer);
        using var client = Client(new GenerationSettings(), Serve);

        await PostAsync(client);
        await PostAsync(client);

        Assert.Equal(3, _sent.Count);   // the second question knows
        Assert.All(_sent[1..], body => Assert.Equal(64, (int)body["max_tokens"]!));
        Assert.Equal("the server does not take max_completion_tokens; max_tokens is sent.", Assert.Single(_said));
    }

    [Fact]
    public async Task Send_RefusedTemperatureAndSeed_AreLeftOutOneAfterTheOther()
    {
        string[] unknown = ["temperature", "seed"];
        HttpResponseMessage Serve(JsonObject body) => unknown.FirstOrDefault(body.ContainsKey) is { } name
            ? Reply(HttpStatusCode.BadRequest, $$$"""{"error": {"message": "{{{name}}} is not supported"}}""")
            : Reply(HttpStatusCode.OK, Answer);
        using var client = Client(new GenerationSettings(), Serve);

        using var reply = await PostAsync(client, """{"model":"m","messages":[],"temperature":0,"seed":3}""");

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal(["messages", "model"], _sent[^1].Select(member => member.Key).Order());
        Assert.Equal(2, _said.Count);
    }

    [Fact]
    public async Task Send_RefusalThatNamesNoParameter_IsNotAskedAgain()
    {
        using var client = Client(new GenerationSettings(), _ => Reply(
            HttpStatusCode.BadRequest, """{"error": {"message": "The picture is too large."}}"""));

        using var reply = await PostAsync(client);

        Assert.Equal(HttpStatusCode.BadRequest, reply.StatusCode);
        Assert.Single(_sent);
        Assert.Empty(_said);
    }

    [Theory]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.BadGateway)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.RequestTimeout)]
    public async Task Send_FailureThatPasses_IsAskedAgainAndEveryAttemptCounted(HttpStatusCode status)
    {
        var log = RequestLog.Begin();

        using var reply = await AskAsync(new GenerationSettings(),
            _ => _sent.Count < 3 ? Reply(status, "{}") : Reply(HttpStatusCode.OK, Answer));

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        Assert.Equal((3, Answer), (log.Attempts, log.Reply));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.NotFound)]
    public async Task Send_FailureThatStays_IsNotAskedAgain(HttpStatusCode status)
    {
        using var reply = await AskAsync(new GenerationSettings(), _ => Reply(status, "{}"));

        Assert.Equal(status, reply.StatusCode);
        Assert.Single(_sent);
    }

    [Fact]
    public async Task Send_Retries_EndWithTheLastFailure()
    {
        using var reply = await AskAsync(
            new GenerationSettings { Retries = 2 }, _ => Reply(HttpStatusCode.InternalServerError, "{}"));

        Assert.Equal(HttpStatusCode.InternalServerError, reply.StatusCode);
        Assert.Equal(3, _sent.Count);   // the first one and two more
    }

    [Fact]
    public async Task Send_PageOfHtmlWithStatus200_IsAFailedAttempt()
    {
        var refused = await Assert.ThrowsAsync<HttpRequestException>(() => AskAsync(
            new GenerationSettings { Retries = 1 }, _ => Reply(HttpStatusCode.OK, "<html>" + new string('x', 200))));

        Assert.Contains("answered 200 with something that is no JSON: <html>xxx", refused.Message);
        Assert.EndsWith(" ...", refused.Message);
        Assert.Equal(2, _sent.Count);
    }

    [Fact]
    public async Task Send_TooManyRequests_HalvesWhatMayBeInFlight()
    {
        await AskAsync(new GenerationSettings(), _ => Reply(
            _sent.Count == 1 ? HttpStatusCode.TooManyRequests : HttpStatusCode.OK, Answer));

        Assert.Equal(10, _limit.Current);
    }

    [Fact]
    public async Task Send_BodyWithAPicture_GoesOutWholeAndIsLoggedByItsHash()
    {
        var log = RequestLog.Begin();
        var picture = "data:image/png;base64," + Convert.ToBase64String(new byte[3000]);

        using var client = Client(new GenerationSettings { ExtraBody = new() { ["n"] = 1 } },
            _ => Reply(HttpStatusCode.OK, Answer));
        using var reply = await PostAsync(client, $$"""{"model":"m","messages":[{"content":"{{picture}}"}]}""");

        Assert.Equal(picture, (string)_sent[0]["messages"]![0]!["content"]!);
        Assert.Equal(1, (int)_sent[0]["n"]!);
        Assert.DoesNotContain("AAAA", log.Request);
        Assert.Contains("\"content\":\"sha256:", log.Request);
    }

    private async Task<HttpResponseMessage> AskAsync(
        GenerationSettings settings, Func<JsonObject, HttpResponseMessage> serve)
    {
        using var client = Client(settings, serve);
        return await PostAsync(client);
    }

    private HttpClient Client(GenerationSettings settings, Func<JsonObject, HttpResponseMessage> serve) =>
        ChatClients.WithRetries(
            settings with { FirstPause = TimeSpan.FromMilliseconds(1) },
            new RequestHandler(settings, _limit, _said.Add) { InnerHandler = new Server(_sent, serve) });

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, string body = Question) =>
        client.PostAsync(new Uri("http://model/v1/chat/completions"),
            new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);

    private static HttpResponseMessage Reply(HttpStatusCode status, string body)
    {
        var reply = new HttpResponseMessage(status)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        if (status == HttpStatusCode.TooManyRequests)
        {
            reply.Headers.RetryAfter = new(TimeSpan.Zero);
        }

        return reply;
    }

    /// <summary>Answers in this process.</summary>
    private sealed class Server(List<JsonObject> sent, Func<JsonObject, HttpResponseMessage> serve) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = JsonNode.Parse(await request.Content!.ReadAsStringAsync(cancellationToken))!.AsObject();
            sent.Add(body);
            return serve(body);
        }
    }
}
