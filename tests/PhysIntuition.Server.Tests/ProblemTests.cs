using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace PhysIntuition.Server.Tests;

/// <summary>Faults over HTTP: one form, whatever path refuses.</summary>
public sealed class ProblemTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    [Theory]
    [InlineData("GET", "/Nonsense-v1/schema", HttpStatusCode.NotFound, "NOT_FOUND")]              // OpenEnv
    [InlineData("POST", "/step", HttpStatusCode.UnprocessableEntity, "INVALID_ARGUMENT")]
    [InlineData("GET", "/api/scenes/Nonsense-v1", HttpStatusCode.NotFound, "NOT_FOUND")]          // pages
    [InlineData("GET", "/api/leaderboard/runs/none", HttpStatusCode.NotFound, "NOT_FOUND")]       // leaderboard
    [InlineData("GET", "/api/leaderboard/results/none", HttpStatusCode.NotFound, "UNKNOWN_RUN")]
    public async Task Refusal_OfAnyPath_IsAProblemWithTheServersOwnFields(
        string method, string path, HttpStatusCode status, string reason)
    {
        using var http = new HttpClient { BaseAddress = shared.Server.HttpAddress };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        request.Content = method == "POST" ? new StringContent("{}", Encoding.UTF8, "application/json") : null;

        using var answer = await http.SendAsync(request).WaitAsync(RunningServer.Patience);
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal(((int)status, reason), ((int)problem["status"]!, (string)problem["reason"]!));
        Assert.NotEmpty((string)problem["title"]!);
        Assert.Equal((string)problem["message"]!, (string)problem["detail"]!);
        Assert.True(answer.Headers.CacheControl!.NoStore);
    }

    [Fact]
    public async Task Refusal_ThatMayBeTriedAgain_SaysWhen()
    {
        await using var server = await RunningServer.StartAsync("Limits:MaxSessions=1");
        await server.OpenAsync();
        using var http = new HttpClient { BaseAddress = server.HttpAddress };

        using var answer = await http.PostAsync("/reset", new StringContent("{}", Encoding.UTF8, "application/json"));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        Assert.Equal("PhysIntuition:Limits:MaxSessions", (string?)problem["option"]);
        Assert.Equal(1000, (int)problem["retryAfterMs"]!);
        Assert.Equal(TimeSpan.FromSeconds(1), answer.Headers.RetryAfter!.Delta);
    }

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web-text")]
    public async Task Refusal_OverGrpcWeb_IsAStatusOfGrpc(string contentType)
    {
        using var http = new HttpClient { BaseAddress = shared.Server.HttpAddress };
        var garbage = RawCall.Frame([0xff, 0xff, 0xff]);
        using var content = contentType.EndsWith("text", StringComparison.Ordinal)
            ? new ByteArrayContent(Encoding.ASCII.GetBytes(Convert.ToBase64String(garbage)))
            : new ByteArrayContent(garbage);
        content.Headers.ContentType = new(contentType);

        using var answer = await http.PostAsync(RawCall.Environments + "GetTask", content);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.StartsWith("application/grpc-web", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("3", answer.Headers.GetValues("grpc-status").Single());
        Assert.Contains("cannot be read", Uri.UnescapeDataString(answer.Headers.GetValues("grpc-message").Single()));
    }
}
