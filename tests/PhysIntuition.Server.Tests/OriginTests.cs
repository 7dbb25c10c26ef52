using System.Net;
using Microsoft.Extensions.Options;

namespace PhysIntuition.Server.Tests;

/// <summary>Which other pages' scripts may call.</summary>
public sealed class OriginTests
{
    private const string Lab = "https://lab.example";
    private const string Path = "/physintuition.v1.EnvironmentService/Create";

    [Theory]
    [InlineData("", Lab, false)]
    [InlineData("http://localhost:5173, https://lab.example", Lab, true)]
    [InlineData(Lab, "https://elsewhere.example", false)]
    [InlineData(Lab, "https://lab.example:8443", false)]
    public async Task Preflight_FromAnOrigin_IsGrantedWhereTheOptionsNameIt(
        string allowed, string origin, bool isGranted)
    {
        await using var server = await RunningServer.StartAsync($"Listen:Origins={allowed}");
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var request = new HttpRequestMessage(HttpMethod.Options, Path)
        {
            Headers =
            {
                { "Origin", origin },
                { "Access-Control-Request-Method", "POST" },
                { "Access-Control-Request-Headers", "content-type,x-grpc-web,physintuition-session,authorization" },
            },
        };

        using var answer = await http.SendAsync(request);

        var granted = answer.Headers.TryGetValues("Access-Control-Allow-Origin", out var values) ? values.Single() : "";
        Assert.Equal(isGranted ? origin : "", granted);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Credentials"));
        if (isGranted)
        {
            Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
            Assert.Contains("physintuition-session", answer.Headers.GetValues("Access-Control-Allow-Headers").Single(),
                StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("lab.example")]
    [InlineData("https://lab.example/page")]
    [InlineData("https://lab.example/")]
    [InlineData("*")]
    [InlineData("https://lab.example,ftp://lab.example")]
    public async Task Origins_NotAsBrowsersSendThem_StopTheServerBeforeItListens(string origins)
    {
        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(
            () => RunningServer.StartAsync($"Listen:Origins={origins}"));

        Assert.Contains("Listen:Origins is '", wrong.Message, StringComparison.Ordinal);
    }
}
