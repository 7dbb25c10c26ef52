using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using PhysIntuition.Server.Tests;

namespace PhysIntuition.Client.Tests;

/// <summary>One form of address, no proxy before this machine, and a server that is not there is told.</summary>
public sealed class ServerAddressTests
{
    [Theory]
    [InlineData("127.0.0.1:50051", "http://127.0.0.1:50051/")]
    [InlineData(" http://127.0.0.1:50051/ ", "http://127.0.0.1:50051/")]
    [InlineData("localhost", "http://localhost:50051/")]
    [InlineData("lab.example:80", "http://lab.example/")]
    [InlineData("http://lab.example", "http://lab.example/")]
    [InlineData("HTTPS://lab.example:8443", "https://lab.example:8443/")]
    [InlineData("[::1]:7", "http://[::1]:7/")]
    [InlineData("unix:/run/towers.sock", "unix:///run/towers.sock")]
    [InlineData("unix:///run/towers.sock", "unix:///run/towers.sock")]
    public void Parse_EveryForm_SaysWhere(string text, string expected) =>
        Assert.Equal(expected, ServerAddress.Parse(text).AbsoluteUri);

    [Theory]
    [InlineData("ftp://lab.example:1")]
    [InlineData("http://lab.example/path")]
    [InlineData("http://")]
    [InlineData("lab.example:port")]
    [InlineData("me@lab.example:1")]
    [InlineData("")]
    [InlineData("::1")]
    public void Parse_AnotherForm_NamesThoseThatAreRight(string text)
    {
        var failure = Assert.Throws<FormatException>(() => ServerAddress.Parse(text));

        Assert.Contains($"'address' is '{text}'; it must be HOST:PORT, http://HOST:PORT", failure.Message);
    }

    [Fact]
    public async Task Connect_BySchemeOrNot_ReachesTheServer()
    {
        await using var server = await RunningServer.StartAsync();
        foreach (var address in (string[])[server.Address.Authority, server.Address.ToString()])
        {
            await using var client = await PhysIntuitionClient.ConnectAsync(address);
            Assert.NotEmpty(await client.ListTasksAsync());
        }
    }

    [Fact]
    public async Task Connect_ThroughASocket_ReachesTheServer()
    {
        await using var server = await RunningServer.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var forwarding = ForwardAsync(listener, server.Address.Port);

        await using (var client = await PhysIntuitionClient.ConnectAsync($"unix:{path}"))
        {
            Assert.NotEmpty(await client.ListTasksAsync());
        }

        await forwarding;
        File.Delete(path);
    }

    [Fact]
    public async Task Handler_OfThisMachine_PassesAnyProxy()
    {
        await using var server = await RunningServer.StartAsync();
        using var handler = ServerAddress.CreateHandler(server.Address);
        handler.Proxy = new WebProxy("http://127.0.0.1:1"); // Nobody listens there.
        using var http = new HttpClient(handler) { BaseAddress = server.HttpAddress };

        Assert.Contains("healthy", await http.GetStringAsync("health"));
        using var remote = ServerAddress.CreateHandler(new Uri("http://lab.example"));
        Assert.True(remote.UseProxy);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1")]
    [InlineData("unix:/nowhere/towers.sock")]
    public async Task Connect_WhereNobodyListens_SaysWhatToStart(string address)
    {
        var failure = await Assert.ThrowsAsync<EnvironmentException>(() => PhysIntuitionClient.ConnectAsync(address));

        Assert.Equal(StatusCode.Unavailable, failure.Code);
        Assert.StartsWith("Nobody listens there: ", failure.Message);
        Assert.Contains("./physintuition serve", failure.Message);
    }

    [Fact]
    public async Task Connect_HungUpOn_IsUnavailableAndSaysSo()
    {
        await using var server = new CuttableProxy(new Uri("http://127.0.0.1:1")) { HangUps = 100 };

        var failure = await Assert.ThrowsAsync<EnvironmentException>(
            () => PhysIntuitionClient.ConnectAsync(server.Address.ToString()).WaitAsync(RunningServer.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.Code);
        Assert.Contains("listens there hung up", failure.Message);
    }

    [Fact]
    public async Task Step_TextWithHalfACharacter_IsRefusedAndChangesNothing()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await PhysIntuitionClient.ConnectAsync(server.Address.ToString());
        await using var environment = await client.CreateAsync(new EnvironmentSettings("Stability-v1"));
        await environment.ResetAsync(5);

        var failure = await Assert.ThrowsAsync<EnvironmentException>(
            async () => await environment.StepAsync(["<answer>yes</answer> \ud83e"]));
        var step = await environment.StepAsync(["<answer>yes</answer> \ud83e\uddf1"]);

        Assert.Equal((StatusCode.InvalidArgument, "actions[0]"), (failure.Code, failure.Field));
        Assert.True(step.Terminated[0]);
    }

    // Carries one connection to the port, both ways, until it ends.
    private static async Task ForwardAsync(Socket listener, int port)
    {
        using var near = await listener.AcceptAsync();
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(IPAddress.Loopback, port);
        await using NetworkStream here = new(near), there = new(far);
        await Task.WhenAny(here.CopyToAsync(there), there.CopyToAsync(here));
    }
}
