using Google.Protobuf;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>A gRPC implementation in another language, run as a process.</summary>
internal sealed class Peer
{
    private readonly string _program;
    private readonly string[] _client;
    private readonly string[] _server;

    private Peer(string program, string[] client, string[] server)
    {
        _program = program;
        _client = client;
        _server = server;
    }

    /// <summary>The names of the peers, as the tests' data.</summary>
    internal static string[] Names { get; } = ["python", "node", "cpp"];

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Peers");

    private static string Proto => Path.Combine(AppContext.BaseDirectory, "Protos", "interop.proto");

    /// <summary>The peer, or a skipped test where its runtime is not installed.</summary>
    internal static async Task<Peer> Find(string name) => name switch
    {
        "python" => await Python(),
        "node" => await Node(),
        "cpp" => new Peer(await Cpp.Build(Folder), ["client", "{target}"], ["server"]),
        _ => throw new ArgumentException($"No peer is called '{name}'; there are {string.Join(", ", Names)}."),
    };

    /// <summary>Runs the peer's client; the lines that it printed.</summary>
    internal async Task<string[]> RunClient(string target)
    {
        var arguments = _client.Select(part => part.Replace("{target}", target, StringComparison.Ordinal));
        var (_, output) = await Command.Run(_program, arguments, TimeSpan.FromMinutes(4));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Starts the peer's server.</summary>
    internal Task<PeerServer> StartServer() => PeerServer.Start(_program, _server);

    private static async Task<Peer> Python()
    {
        const string program = "/usr/bin/python3";
        var (code, _) = await Command.TryRun(program, ["-c", "import grpc, google.protobuf"]);
        Assert.SkipUnless(code == 0, "python3-grpcio or python3-protobuf is not installed.");
        var descriptor = Path.Combine(AppContext.BaseDirectory, $"interop.{Guid.NewGuid():N}.descriptor");
        await File.WriteAllBytesAsync(descriptor, InteropReflection.Descriptor.SerializedData.ToByteArray());
        var folder = Path.Combine(Folder, "python");
        return new Peer(
            program,
            [Path.Combine(folder, "client.py"), "{target}", descriptor],
            [Path.Combine(folder, "server.py"), descriptor]);
    }

    private static async Task<Peer> Node()
    {
        var (code, _) = await Command.TryRun("node", ["--version"]);
        Assert.SkipUnless(code == 0, "nodejs is not installed.");
        var sources = Repository.Find("tests/PhysIntuition.Compat.Grpc.Tests/Peers/node");
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(sources, "node_modules", "@grpc", "grpc-js")),
            $"@grpc/grpc-js is not installed; run npm ci in {sources}.");
        return new Peer(
            "node",
            [Path.Combine(sources, "client.js"), "{target}", Proto],
            [Path.Combine(sources, "server.js"), Proto]);
    }
}
