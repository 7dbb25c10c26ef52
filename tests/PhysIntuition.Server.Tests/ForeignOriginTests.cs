using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace PhysIntuition.Server.Tests;

/// <summary>A page of another site cannot drive a server on loopback, whatever name it gives the server.</summary>
public sealed class ForeignOriginTests(ForeignOriginTests.Shared shared) : IClassFixture<ForeignOriginTests.Shared>
{
    private const string Lab = "https://lab.example";

    public static TheoryData<string> Paths { get; } =
    [
        "/mcp", "/reset", "/Offset-v1/step", "/api/play/runs", "/api/leaderboard/runs", "/verify", "/batch/reset",
        "/physintuition.v1.EnvironmentService/OpenSession",
    ];

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Post_WithAForeignHost_IsForbidden(string path) =>
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(path, host: "evil.example:8000", origin: null));

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Post_WithAForeignOrigin_IsForbidden(string path) =>
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync(path, host: null, origin: "http://evil.example"));

    [Theory]
    [InlineData("evil.example", "http://evil.example")]   // a name that was made to point here
    [InlineData(null, "null")]                            // a page from a file or in a sandbox
    [InlineData(null, "http://localhost:1")]              // another program's page on this machine
    public async Task Reset_OfAForeignPage_IsForbidden(string? host, string? origin) =>
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync("/reset", host, origin));

    [Theory]
    [InlineData("localhost", null)]
    [InlineData("localhost:7", "http://localhost:7")]     // the server's own page, behind a forwarded port
    [InlineData("[::1]", null)]
    [InlineData("127.8.7.6", null)]
    [InlineData(null, Lab)]
    [InlineData("lab.example", Lab)]
    public async Task Reset_OfItsOwnPageOrANamedOne_IsCarriedOut(string? host, string? origin) =>
        Assert.Equal(HttpStatusCode.OK, await PostAsync("/reset", host, origin));

    [Fact]
    public async Task Reset_OfItsOwnPageBehindAProxy_IsCarriedOut() =>
        Assert.Equal(HttpStatusCode.OK, await PostAsync("/reset", null, "https://outer.example", "same-origin"));

    [Theory]
    [InlineData("http://evil.example", false)]
    [InlineData(Lab, true)]
    public async Task Socket_OfAPage_OpensWhereItsOriginIsNamed(string origin, bool isOpened)
    {
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", origin);
        socket.Options.CollectHttpResponseDetails = true;
        var address = new UriBuilder(shared.Server.HttpAddress) { Scheme = "ws", Path = "/ws" }.Uri;
        var opening = socket.ConnectAsync(address, CancellationToken.None).WaitAsync(RunningServer.Patience);

        if (isOpened)
        {
            await opening;
        }
        else
        {
            await Assert.ThrowsAsync<WebSocketException>(() => opening);
            Assert.Equal(HttpStatusCode.Forbidden, socket.HttpStatusCode);
        }
    }

    [Fact]
    public async Task Refusal_OfAForeignHost_SaysWhatToSet()
    {
        using var answer = await SendAsync("/reset", "evil.example", null);
        var text = (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["detail"]!;

        Assert.Contains("'Host' is 'evil.example'", text, StringComparison.Ordinal);
        Assert.Contains("Listen:Origins", text, StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> PostAsync(string path, string? host, string? origin, string? site = null)
    {
        using var answer = await SendAsync(path, host, origin, site);
        return answer.StatusCode;
    }

    private async Task<HttpResponseMessage> SendAsync(string path, string? host, string? origin, string? site = null)
    {
        using var http = new HttpClient { BaseAddress = shared.Server.HttpAddress, Timeout = RunningServer.Patience };
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StringContent("{}", Encoding.UTF8, "text/plain"), // what browsers send without asking first
        };
        request.Headers.Host = host;
        foreach (var (name, value) in new[] { ("Origin", origin), ("Sec-Fetch-Site", site) })
        {
            if (value is not null)
            {
                request.Headers.Add(name, value);
            }
        }

        return await http.SendAsync(request);
    }

    public sealed class Shared : IAsyncLifetime
    {
        public RunningServer Server { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync($"Listen:Origins={Lab}");

        public ValueTask DisposeAsync() => Server.DisposeAsync();
    }
}
