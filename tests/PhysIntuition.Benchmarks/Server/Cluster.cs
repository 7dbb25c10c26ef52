using System.Diagnostics;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Three servers of a cluster behind nginx, and their Redis: what can happen to them.</summary>
/// <param name="network">Between them; null: all are in the network of this process.</param>
/// <param name="complain">Told what servers log as their own failures.</param>
internal sealed class Cluster(ClusterNetwork? network, Action<string> complain) : IAsyncDisposable
{
    /// <summary>How many servers there are.</summary>
    public const int Servers = 3;

    /// <summary>Where nginx is.</summary>
    public const string Nginx = "/usr/sbin/nginx";

    private const int Attempts = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_frozen = TimeSpan.FromSeconds(8);   // longer than others wait before they go on
    private static readonly TimeSpan s_stalled = TimeSpan.FromSeconds(3);   // about as long
    private static readonly TimeSpan s_full = TimeSpan.FromSeconds(2);

    private readonly bool[] _isKilled = new bool[Servers];
    private ServerProcess[] _servers = [];
    private readonly int _port = Ports.Free();
    private readonly ServerClock _clock = new();
    private RedisServer _redis = null!;
    private Process? _nginx;
    private int _snapshotEvery = 64;

    /// <summary>The balancer's.</summary>
    public Uri Address => new UriBuilder("http", "127.0.0.1", _port).Uri;

    /// <summary>Starts all.</summary>
    public async Task StartAsync()
    {
        _redis = await RedisServer.StartAsync(
            keeps: true, network is null ? "127.0.0.1" : ClusterNetwork.Address);
        _servers = [.. Enumerable.Range(0, Servers).Select(New)];
        await Task.WhenAll(Enumerable.Range(0, Servers).Select(StartAsync));
        _nginx = StartNginx();
    }

    /// <summary>Kills a server, as a lack of memory would.</summary>
    public async Task KillAsync(int server)
    {
        await _servers[server].KillAsync();
        _isKilled[server] = true;
    }

    /// <summary>Starts a server that has ended; another one is ended first.</summary>
    public async Task RestartAsync(int server)
    {
        await _servers[server].KillAsync();
        await StartAsync(server);
    }

    /// <summary>Stops a server for a while. To the others it is cut off; when it comes back it learns that it was given
    /// up, and ends itself. Where all are slow they may not have given it up: then it goes on.</summary>
    public async Task FreezeAsync(int server)
    {
        _servers[server].Signal("STOP");
        await Task.Delay(s_frozen);
        _servers[server].Signal("CONT");
        await RestartIfGivenUpAsync(server);
    }

    /// <summary>Stops servers one after the other, each for about as long as others wait before they give it up: some
    /// are, and what waits in the others is carried out late.</summary>
    public async Task StallAsync(params int[] servers)
    {
        foreach (var server in servers)
        {
            _servers[server].Signal("STOP");
            await Task.Delay(s_stalled);
            _servers[server].Signal("CONT");
        }
    }

    /// <summary>Starts servers again that were killed or have ended by themselves, as those do that were given up.
    /// </summary>
    /// <returns>How many had ended by themselves.</returns>
    public async Task<int> RestartEndedAsync()
    {
        int[] ended = [.. Enumerable.Range(0, Servers).Where(server => _servers[server].HasExited)];
        var byThemselves = ended.Count(server => !_isKilled[server]);
        await Task.WhenAll(ended.Select(RestartAsync));
        return byThemselves;
    }

    /// <summary>Waits for a server that may have been given up by the others, and starts it again if it was.</summary>
    public async Task RestartIfGivenUpAsync(int server)
    {
        if (await HasEndedAsync(server, s_frozen))
        {
            await RestartAsync(server);
        }
    }

    /// <summary>Replaces all servers, one after the other, by others with another setting.</summary>
    public async Task UpgradeAsync()
    {
        _snapshotEvery = _snapshotEvery == 64 ? 24 : 64;
        for (var server = 0; server < Servers; server++)
        {
            _servers[server].Signal("TERM");
            if (!await HasEndedAsync(server, s_patience))
            {
                complain($"server {server} did not end when it was told to");
            }

            await RestartAsync(server);
        }
    }

    /// <summary>Sets the clock of the last server, which alone has one of its own.</summary>
    public void SetClock(TimeSpan ahead) => _clock.Set(ahead);

    /// <summary>Kills Redis and starts it again with its append-only file.</summary>
    public async Task KillRedisAsync()
    {
        await _redis.KillAsync();
        await _redis.StartAsync();
    }

    /// <summary>Leaves Redis no room on its disk for a while.</summary>
    public async Task FillDiskAsync()
    {
        await _redis.FillDiskAsync();
        await Task.Delay(s_full);
        await _redis.EmptyDiskAsync();
    }

    /// <summary>Kills Redis and starts it again without its file; its servers end and are started again.</summary>
    public async Task EmptyRedisAsync()
    {
        await _redis.KillAsync();
        _redis.Forget();
        await _redis.StartAsync();
        for (var server = 0; server < Servers; server++)
        {
            if (!await HasEndedAsync(server, s_patience))
            {
                complain($"server {server} went on without its store");
            }
        }

        await Task.WhenAll(Enumerable.Range(0, Servers).Select(RestartAsync));
    }

    public async ValueTask DisposeAsync()
    {
        if (_nginx is not null)
        {
            using var stop = Process.Start(Nginx, [.. _nginx.StartInfo.ArgumentList, "-s", "stop"]);
            await _nginx.WaitForExitAsync(CancellationToken.None);
            _nginx.Dispose();
        }

        await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        _redis?.Dispose();
        _clock.Dispose();
    }

    private async Task<bool> HasEndedAsync(int server, TimeSpan patience)
    {
        var start = Stopwatch.GetTimestamp();
        while (!_servers[server].HasExited && Stopwatch.GetElapsedTime(start) < patience)
        {
            await Task.Delay(20);
        }

        return _servers[server].HasExited;
    }

    // What keeps a server running starts it again where it did not come up, as when a busy store did not answer.
    private async Task StartAsync(int server)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var clock = server == Servers - 1 ? _clock.Variables : [];
                await _servers[server].StartAsync(
                    [.. clock, ("PHYSINTUITION_CLUSTER__SNAPSHOTEVERY", $"{_snapshotEvery}")]);
                _isKilled[server] = false;
                return;
            }
            catch (InvalidOperationException) when (attempt < Attempts)
            {
            }
        }
    }

    private ServerProcess New(int server) => new(
        $"Cluster:Store={_redis.Address}", "Cluster:Port=0", "Listen:DrainTime=00:00:05",
        $"Listen:Address={AddressOf(server)}", "Listen:AllowPlaintext=true", "Listen:AllowAnonymous=true")
    {
        Complain = Hear,
        Host = AddressOf(server),
        Connect = network is null ? null : process => network.Connect(server, process),
    };

    private string AddressOf(int server) => network is null ? "127.0.0.1" : ClusterNetwork.AddressOf(server);

    // What a silo says when it is cut off or replaced is no failure, though it may name our grains; what we say is.
    private void Hear(string line)
    {
        if (line.Contains("fail: PhysIntuition.", StringComparison.Ordinal) ||
            line.Contains("crit: ", StringComparison.Ordinal))
        {
            complain(line);
        }
    }

    // packaging/nginx.conf, but that calls go to any server: that sessions stay at one is for speed alone.
    private Process StartNginx()
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-nginx-").FullName;
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "packaging/nginx.conf"))
            .Where(line => !line.Contains("hash $http", StringComparison.Ordinal) &&
                !line.Contains(":50052", StringComparison.Ordinal))
            .SelectMany(line => line.Contains(":50051", StringComparison.Ordinal)
                ? Enumerable.Range(0, Servers).Select(server => line.Replace(
                    "127.0.0.1:50051", _servers[server].Address.Authority, StringComparison.Ordinal))
                : [line.Replace("50050", $"{_port}", StringComparison.Ordinal)]);
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllLines(file, lines);
        return Process.Start(Nginx,
            ["-p", folder, "-c", file, "-g", $"daemon off; pid {folder}/pid; error_log {folder}/errors;"]);
    }
}
