using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Load;

/// <summary>Three servers of a cluster behind nginx, and their Redis, killed, frozen and replaced in turn: clients in
/// the middle of games miss nothing and get nothing twice.</summary>
internal sealed class ClusterArea : IArea
{
    private const string Nginx = "/usr/sbin/nginx";
    private const int Servers = 3;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_frozen = TimeSpan.FromSeconds(8);   // longer than others wait before they go on

    private static readonly Option<double> s_minutes = new("--minutes")
    {
        Description = "How long things are killed; at the least each of them once.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> s_clients = new("--clients")
    {
        Description = "Clients that play at once.",
        DefaultValueFactory = _ => 200,
    };

    private readonly Tally _tally = new();
    private ServerProcess[] _servers = [];
    private RedisServer _redis = null!;

    /// <inheritdoc/>
    public string Name => "cluster";

    /// <inheritdoc/>
    public string Summary => "Durable sessions while servers and their store are killed, frozen and replaced.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(s_minutes);
        command.Options.Add(s_clients);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        if (!File.Exists(Nginx))
        {
            throw new SkippedException($"{Nginx} is missing; install nginx-light.");
        }

        using var redis = _redis = await RedisServer.StartAsync(keeps: true);
        _servers = [.. Enumerable.Range(0, Servers).Select(_ => new ServerProcess(
            $"Cluster:Store={_redis.Address}", "Cluster:Port=0", "Listen:DrainTime=00:00:05") { Complain = Hear })];
        await Task.WhenAll(_servers.Select(server => server.StartAsync()));
        var port = Ports.Free();
        using var nginx = StartNginx(port);
        try
        {
            var players = new DurablePlayers(new UriBuilder("http", "127.0.0.1", port).Uri, _tally);
            await PlayAsync(
                players, arguments.GetValue(s_clients), TimeSpan.FromMinutes(arguments.GetValue(s_minutes)), figures);
        }
        finally
        {
            using var stop = Process.Start(Nginx, [.. nginx.StartInfo.ArgumentList, "-s", "stop"]);
            await nginx.WaitForExitAsync(CancellationToken.None);
            await Task.WhenAll(_servers.Select(server => server.DisposeAsync().AsTask()));
        }

        foreach (var complaint in _tally.Complaints)
        {
            Console.Error.WriteLine(complaint);
        }
    }

    private async Task PlayAsync(DurablePlayers players, int clients, TimeSpan time, Figures figures)
    {
        using var end = new CancellationTokenSource();
        var playing = Enumerable.Range(0, clients).Select(i => players.PlayAsync(i, end.Token)).ToArray();
        await players.AllGoOnAsync(s_patience);
        var start = Stopwatch.GetTimestamp();
        var recoveries = new List<double>();
        for (var round = 0; round == 0 || Stopwatch.GetElapsedTime(start) < time; round++)
        {
            recoveries.AddRange(await DisturbAsync(players, "server_killed", _servers[round % Servers].KillAsync));
            await RestartAsync(round % Servers);
            recoveries.AddRange(await DisturbAsync(players, "redis_killed", KillRedisAsync));
            await DisturbAsync(players, "server_frozen", () => FreezeAsync((round + 1) % Servers));
            await DisturbAsync(players, "server_replaced", () => ReplaceAsync((round + 2) % Servers));
        }

        await end.CancelAsync();
        await Task.WhenAll(playing).WaitAsync(s_patience);
        Report(figures, recoveries, clients);
    }

    // Seconds from the disturbance until each client had its next reply.
    private async Task<double[]> DisturbAsync(DurablePlayers players, string what, Func<Task> disturb)
    {
        var since = Stopwatch.GetTimestamp();
        await disturb();
        _tally.Add(what);
        var seconds = await players.AllGoOnAsync(s_patience);
        var time = Stopwatch.GetElapsedTime(since).TotalSeconds;
        Console.Error.WriteLine($"{what}: all clients have gone on {time:0.0} s later.");
        return seconds;
    }

    private void Report(Figures figures, List<double> recoveries, int clients)
    {
        figures.Add("clients", clients);
        figures.Add("games", _tally["games"], "", Mark.AtLeast(1));
        figures.Add("steps_checked", _tally["steps_checked"], "", Mark.AtLeast(clients));
        foreach (var what in (string[])["server_killed", "redis_killed", "server_frozen", "server_replaced"])
        {
            figures.Add(what, _tally[what], "", Mark.AtLeast(1));
        }

        figures.Add("lost_or_doubled_steps", _tally["wrong_replies"], "", Mark.AtMost(0));
        figures.Add("unannounced_errors", _tally["wrong_ends"], "", Mark.AtMost(0));
        figures.Add("server_errors", _tally["server_errors"], "", Mark.AtMost(0));
        figures.Add("recovery_p50_s", Statistics.Median(recoveries), "s");
        figures.Add("recovery_p99_s", Statistics.Quantile([.. recoveries], 0.99), "s");
    }

    private async Task KillRedisAsync()
    {
        await _redis.KillAsync();
        await _redis.StartAsync();
    }

    // To the others it is cut off; when it comes back it learns that it was given up, and ends itself. Where all are
    // slow they may not have given it up: then it goes on.
    private async Task FreezeAsync(int server)
    {
        _servers[server].Signal("STOP");
        await Task.Delay(s_frozen);
        _servers[server].Signal("CONT");
        if (await HasEndedAsync(server, s_frozen))
        {
            await RestartAsync(server);
        }
    }

    private async Task ReplaceAsync(int server)
    {
        _servers[server].Signal("TERM");
        if (!await HasEndedAsync(server, s_patience))
        {
            _tally.Complain("wrong_ends", $"server {server} did not end");
        }

        await RestartAsync(server);
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

    private async Task RestartAsync(int server)
    {
        await _servers[server].KillAsync();
        await _servers[server].StartAsync();
    }

    // What a silo says when it is cut off or replaced is no failure, though it may name our grains; what we say is.
    private void Hear(string line)
    {
        if (line.Contains("fail: PhysIntuition.", StringComparison.Ordinal) ||
            line.Contains("crit: ", StringComparison.Ordinal))
        {
            _tally.Complain("server_errors", line);
        }
    }

    // packaging/nginx.conf, but that calls go to any server: that sessions stay at one is for speed alone.
    private Process StartNginx(int port)
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-nginx-").FullName;
        var lines = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "packaging/nginx.conf"))
            .Where(line => !line.Contains("hash $http", StringComparison.Ordinal) &&
                !line.Contains(":50052", StringComparison.Ordinal))
            .SelectMany(line => line.Contains(":50051", StringComparison.Ordinal)
                ? _servers.Select(server => line.Replace("50051", $"{server.Address.Port}", StringComparison.Ordinal))
                : [line.Replace("50050", $"{port}", StringComparison.Ordinal)]);
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllLines(file, lines);
        return Process.Start(Nginx,
            ["-p", folder, "-c", file, "-g", $"daemon off; pid {folder}/pid; error_log {folder}/errors;"]);
    }
}
