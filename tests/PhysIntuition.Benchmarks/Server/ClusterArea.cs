using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A cluster whose servers, network, clock, disk and store fail in turn: clients in the middle of games miss
/// nothing and get nothing twice.</summary>
internal sealed class ClusterArea : IArea
{
    private const int ClientsPerProgram = 50;   // of the C# client, for one of each other language

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_slow = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_jumped = TimeSpan.FromSeconds(6);   // servers compare times every 5 s

    private static readonly Option<double> s_minutes = new("--minutes")
    {
        Description = "How long things fail; at the least each of them once.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> s_clients = new("--clients")
    {
        Description = "Clients that play at once; beside them, one program of each language for every 50 begun.",
        DefaultValueFactory = _ => 180,
    };

    private static readonly Option<int> s_think = new("--think")
    {
        Description = "Milliseconds that a client thinks before each step; a vision-language model takes longer.",
        DefaultValueFactory = _ => 200,
    };

    private static readonly Option<bool> s_ownNetwork = new("--own-network")
    {
        Description = "This process has a network namespace of its own, as `unshare --net` gives it: networks " +
            "between servers are cut and slowed.",
    };

    private static readonly Option<string[]> s_only = new("--only")
    {
        Description = "Only what is called so; the names are those of the figures.",
        AllowMultipleArgumentsPerToken = true,
        DefaultValueFactory = _ => [],
    };

    private readonly Tally _tally = new();
    private readonly Dictionary<string, List<double>> _recoveries = [];
    private readonly Progress _progress;
    private ClusterNetwork? _network;
    private Cluster _cluster = null!;
    private bool _mayLose;
    private string[] _only = [];

    public ClusterArea() => _progress = new Progress(_tally);

    /// <inheritdoc/>
    public string Name => "cluster";

    /// <inheritdoc/>
    public string Summary => "Durable sessions while servers, their network, clock, disk and store fail.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(s_minutes);
        command.Options.Add(s_clients);
        command.Options.Add(s_think);
        command.Options.Add(s_ownNetwork);
        s_only.AcceptOnlyFromAmong(
            "server_killed", "redis_killed", "redis_disk_full", "network_cut", "network_slow", "clock_ahead",
            "clock_back", "server_frozen", "servers_stalled", "cluster_upgraded", "redis_emptied");
        command.Options.Add(s_only);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        if (!File.Exists(Cluster.Nginx))
        {
            throw new SkippedException($"{Cluster.Nginx} is missing; install nginx-light.");
        }

        _only = arguments.GetValue(s_only)!;
        _network = arguments.GetValue(s_ownNetwork) ? new ClusterNetwork() : null;
        try
        {
            await using (_cluster = new Cluster(_network, line => _tally.Complain("server_errors", line)))
            {
                await _cluster.StartAsync();
                var think = TimeSpan.FromMilliseconds(arguments.GetValue(s_think));
                var players = new DurablePlayers(
                    _cluster.Address, think, _tally, _progress, () => Volatile.Read(ref _mayLose));
                figures.Add("think_ms", think.TotalMilliseconds, "ms");
                await PlayAsync(players, arguments.GetValue(s_clients),
                    TimeSpan.FromMinutes(arguments.GetValue(s_minutes)), figures);
            }
        }
        finally
        {
            foreach (var complaint in _tally.Complaints)
            {
                Console.Error.WriteLine(complaint);
            }
        }
    }

    private async Task PlayAsync(DurablePlayers players, int clients, TimeSpan time, Figures figures)
    {
        using var endPrograms = new CancellationTokenSource();
        using var end = new CancellationTokenSource();
        var programs = new ConversationPlayers(_cluster.Address.Authority, _tally, _progress);
        var drivers = ConversationPlayers.FindAll();
        var playing = Enumerable.Range(0, clients).Select(i => players.PlayAsync(i, end.Token)).ToArray();
        var conversing = drivers.SelectMany(driver => Enumerable.Range(0, (clients / ClientsPerProgram) + 1)
            .Select(i => programs.PlayAsync(i, driver, endPrograms.Token))).ToArray();
        await _progress.AllGoOnAsync(s_patience);
        var start = Stopwatch.GetTimestamp();
        for (var round = 0; round == 0 || Stopwatch.GetElapsedTime(start) < time; round++)
        {
            await DisturbAllAsync(round);
        }

        await endPrograms.CancelAsync();
        await Task.WhenAll(conversing).WaitAsync(s_patience);
        if (time > TimeSpan.Zero || _only.Length > 0)
        {
            await LoseAllAsync();
        }

        await end.CancelAsync();
        await Task.WhenAll(playing).WaitAsync(s_patience);
        figures.Add("clients", clients + conversing.Length);
        figures.Add("languages", drivers.Count + 1, "", Mark.AtLeast(_only.Length > 0 ? 0 : 5));
        Report(figures);
    }

    private async Task DisturbAllAsync(int round)
    {
        int Victim(int next) => (round + next) % Cluster.Servers;

        await DisturbAsync("server_killed", () => _cluster.KillAsync(Victim(0)));
        await DisturbAsync("redis_killed", _cluster.KillRedisAsync);
        await DisturbAsync("redis_disk_full", _cluster.FillDiskAsync);
        if (_network is { } network)
        {
            await DisturbAsync("network_cut", () => Do(() => network.Cut(Victim(1))), async () =>
            {
                network.Mend(Victim(1));
                await _cluster.RestartIfGivenUpAsync(Victim(1));
            });
            await DisturbAsync("network_slow", () => Do(network.Slow), async () =>
            {
                await Task.Delay(s_slow);
                network.Hurry();
            });
        }

        await DisturbAsync(
            "clock_ahead", () => Do(() => _cluster.SetClock(TimeSpan.FromHours(1))), () => Task.Delay(s_jumped));
        await DisturbAsync("clock_back", () => Do(() => _cluster.SetClock(TimeSpan.Zero)));
        await DisturbAsync("server_frozen", () => _cluster.FreezeAsync(Victim(1)));
        await DisturbAsync("servers_stalled", () => _cluster.StallAsync(Victim(2), Victim(1), Victim(2)));
        await DisturbAsync("cluster_upgraded", _cluster.UpgradeAsync);
    }

    // The one thing that no session outlives: it is told, and everybody begins anew.
    private async Task LoseAllAsync()
    {
        Volatile.Write(ref _mayLose, true);
        await DisturbAsync("redis_emptied", _cluster.EmptyRedisAsync);
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private async Task DisturbAsync(string what, Func<Task> disturb, Func<Task>? repair = null)
    {
        if (_only.Length > 0 && !_only.Contains(what))
        {
            return;
        }

        _tally.Add("servers_given_up", await _cluster.RestartEndedAsync());
        var since = Stopwatch.GetTimestamp();
        await disturb();
        _tally.Add(what);
        var seconds = await _progress.AllGoOnAsync(s_patience);
        _recoveries.TryAdd(what, []);
        _recoveries[what].AddRange(seconds);
        var time = Stopwatch.GetElapsedTime(since).TotalSeconds;
        Console.Error.WriteLine($"{what}: all clients have gone on {time:0.0} s later.");
        await (repair?.Invoke() ?? Task.CompletedTask);
    }

    private void Report(Figures figures)
    {
        figures.Add("games", _tally["games"], "", Mark.AtLeast(1));
        figures.Add("replies_checked", _tally["replies_checked"], "", Mark.AtLeast(1));
        figures.Add("lost_or_doubled_steps", _tally["wrong_replies"], "", Mark.AtMost(0));
        figures.Add("unannounced_errors", _tally["wrong_ends"], "", Mark.AtMost(0));
        figures.Add("server_errors", _tally["server_errors"], "", Mark.AtMost(0));
        figures.Add("openings_told_unavailable", _tally["openings_told_unavailable"]);
        figures.Add("servers_given_up", _tally["servers_given_up"]);
        figures.Add("sessions_told_lost", _tally["sessions_told_lost"]);
        figures.Add("slow_network", _network?.Slowness ?? "not tried: no network namespace");
        foreach (var (what, seconds) in _recoveries)
        {
            figures.Add(what, _tally[what], "", Mark.AtLeast(1));
            figures.Add($"{what}_p50_s", Statistics.Median(seconds), "s");
            figures.Add($"{what}_p99_s", Statistics.Quantile([.. seconds], 0.99), "s");
        }
    }
}
