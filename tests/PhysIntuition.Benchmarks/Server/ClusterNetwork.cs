using System.Collections.Concurrent;
using System.Diagnostics;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A switch in this process's network namespace, and a cable to each server in one of its own.</summary>
/// <remarks>A server's namespace and cable go with its process; the switch with this one's namespace.</remarks>
internal sealed class ClusterNetwork
{
    private const string Switch = "servers", Network = "10.77.0.";

    // A peer that confirms nothing for 1.4 s, or is silent for 3 s, counts as gone: what docs/operations.md wants of a
    // balancer's machine.
    private static readonly Dictionary<string, int> s_balancer = new()
    {
        ["tcp_retries2"] = 1, ["tcp_keepalive_time"] = 1, ["tcp_keepalive_intvl"] = 1, ["tcp_keepalive_probes"] = 2,
    };

    private readonly ConcurrentDictionary<int, (string Cable, int Process)> _servers = [];   // they start side by side
    private int _cables;

    /// <summary>Makes the switch.</summary>
    /// <exception cref="InvalidOperationException">This process may not.</exception>
    public ClusterNetwork()
    {
        Run("ip", "link set lo up");
        Run("ip", $"link add name {Switch} type bridge");
        Run("ip", $"address add {Address}/24 dev {Switch}");
        Run("ip", $"link set dev {Switch} up");

        foreach (var (name, value) in s_balancer)
        {
            File.WriteAllText($"/proc/sys/net/ipv4/{name}", $"{value}");
        }
    }

    /// <summary>Of this process.</summary>
    public static string Address => Network + "1";

    /// <summary>How networks are slow here, in words.</summary>
    public string Slowness { get; private set; } = "";

    /// <summary>Of a server.</summary>
    public static string AddressOf(int server) => $"{Network}{server + 2}";

    /// <summary>Lays a cable to a process that waits in a namespace of its own.</summary>
    public void Connect(int server, int process)
    {
        var cable = $"cable{Interlocked.Increment(ref _cables)}";
        Run("ip", $"link add name {cable} type veth peer name uplink netns {process}");
        Run("ip", $"link set dev {cable} master {Switch} up");
        Run("nsenter", $"--net --target {process} ip link set lo up");
        Run("nsenter", $"--net --target {process} ip address add {AddressOf(server)}/24 dev uplink");
        Run("nsenter", $"--net --target {process} ip link set dev uplink up");
        _servers[server] = (cable, process);
    }

    /// <summary>Lets nothing through to a server or from it, and tells nobody.</summary>
    public void Cut(int server) => Run("ip", $"link set dev {_servers[server].Cable} down");

    /// <summary>Lets it through again.</summary>
    public void Mend(int server) => Run("ip", $"link set dev {_servers[server].Cable} up");

    /// <summary>Slows what goes to servers and from them.</summary>
    public void Slow()
    {
        // Kernels without netem still limit rates, and so queue.
        var isDelayed = TrySlow("netem delay 60ms 20ms loss 1%");
        if (!isDelayed && !TrySlow("tbf rate 2mbit burst 16kb latency 300ms"))
        {
            throw new InvalidOperationException("This kernel slows no network: it has neither netem nor tbf.");
        }

        Slowness = isDelayed ? "60 ms +- 20 ms each way, 1 % lost" : "2 Mbit/s each way, up to 300 ms in queues";
    }

    /// <summary>Lets it go fast again.</summary>
    public void Hurry()
    {
        foreach (var (cable, process) in _servers.Values)   // A server that has ended took its cable along.
        {
            TryRun("tc", $"qdisc delete dev {cable} root", out _);
            TryRun("nsenter", $"--net --target {process} tc qdisc delete dev uplink root", out _);
        }
    }

    private bool TrySlow(string how) => _servers.Values.Any(server =>
        TryRun("tc", $"qdisc replace dev {server.Cable} root {how}", out _) &&
        TryRun("nsenter", $"--net --target {server.Process} tc qdisc replace dev uplink root {how}", out _));

    private static void Run(string program, string words)
    {
        if (!TryRun(program, words, out var complaint))
        {
            throw new InvalidOperationException($"`{program} {words}` says: {complaint}");
        }
    }

    private static bool TryRun(string program, string words, out string complaint)
    {
        using var process = Process.Start(
            new ProcessStartInfo(program, words.Split(' ')) { RedirectStandardError = true })!;
        complaint = process.StandardError.ReadToEnd().Trim();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
