using PhysIntuition.Compat.Grpc.Tests.Hosting;

namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>Stock clients of other languages against the C# server.</summary>
public sealed class PeerClientTests
{
    private static readonly string[] s_checks =
    [
        "unary", "empty", "large", "server_streaming", "client_streaming", "duplex_streaming", "statuses", "metadata",
        "deadline", "cancel", "thousand_streams", "gzip", "unknown_method",
    ];

    public static TheoryData<string> Peers => [.. Peer.Names];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Client_OfAnotherLanguage_FindsEveryCheckRight(string name)
    {
        var peer = await Peer.Find(name);
        await using var server = await TestServer.Start();

        var lines = await peer.RunClient($"127.0.0.1:{server.Port}");

        Assert.Equal(s_checks.Select(check => $"ok {check}"), lines);
        await server.Log.WhenCancelled($"{name}-deadline");
        await server.Log.WhenCancelled($"{name}-cancel");
    }
}
