using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>A server among careful, careless and hostile clients, restarted once: nothing is lost or left.</summary>
internal sealed class LoadArea : IArea
{
    private const int CarefulPlayers = 6, SocketPlayers = 2, DyingClients = 2, GarbageSenders = 2;
    private const double JudgedMinutes = 3;   // below it memory has not settled: the figure is printed, not judged

    private static readonly Option<double> s_minutes = new("--minutes")
    {
        Description = "How long the mixed load lasts.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> s_sessions = new("--sessions")
    {
        Description = "Sessions open at once.",
        DefaultValueFactory = _ => 4096,
    };

    private static readonly Option<int> s_atOnce = new("--at-once")
    {
        Description = "Requests sent at once.",
        DefaultValueFactory = _ => 2000,
    };

    private readonly Tally _tally = new();
    private ServerProcess _server = null!;
    private int _restarts;
    private double _mostMemory;   // resident, bytes

    /// <inheritdoc/>
    public string Name => "load";

    /// <inheritdoc/>
    public string Summary => "Thousands of sessions, cut connections, killed clients, garbage, a restart.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(s_minutes);
        command.Options.Add(s_sessions);
        command.Options.Add(s_atOnce);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var minutes = arguments.GetValue(s_minutes);
        await using var server = _server = new ServerProcess("Sessions:SweepEvery=00:00:00.5")
        {
            Complain = line => _tally.Complain("server_errors", line),
        };
        await server.StartAsync();
        await RushAsync(arguments.GetValue(s_sessions), arguments.GetValue(s_atOnce), figures);
        var growth = await MixAsync(TimeSpan.FromMinutes(minutes), cancellation);
        await ReportAsync(figures, growth, minutes);
        foreach (var complaint in _tally.Complaints)
        {
            Console.Error.WriteLine(complaint);
        }
    }

    private async Task RushAsync(int sessions, int atOnce, Figures figures)
    {
        using var crowd = new Crowd(_server.Address, _tally);
        await crowd.OpenAsync(sessions);
        figures.Add("sessions_open", await _server.MetricAsync("physintuition_sessions"), "", Mark.AtLeast(sessions));
        figures.Add("at_once_s", await crowd.StepAtOnceAsync(atOnce), "s");
        await crowd.RushOneSessionAsync(atOnce);
        await crowd.CloseAsync();
        figures.Add("at_once_ok", _tally["at_once_ok"]);
        figures.Add("at_once_refused", _tally["at_once_refused"]);
        figures.Add("one_session_ok", _tally["rush_ok"]);
        figures.Add("one_session_refused", _tally["rush_refused"]);
        figures.Add("unannounced_errors", _tally["unannounced_errors"], "", Mark.AtMost(0));
    }

    private async Task<List<double>> MixAsync(TimeSpan time, CancellationToken cancellation)
    {
        await using var wire = new Cutter(_server.Address);
        await using var httpWire = new Cutter(_server.HttpAddress);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var players = new Players(wire.Address, httpWire.Address, _tally, () => Volatile.Read(ref _restarts));
        var tasks = new List<Task>();
        tasks.AddRange(Enumerable.Range(0, CarefulPlayers).Select(i => players.PlayAsync(i, end.Token)));
        tasks.AddRange(Enumerable.Range(0, SocketPlayers).Select(_ => players.PlaySocketAsync(end.Token)));
        tasks.AddRange(Enumerable.Range(0, DyingClients).Select(i => FaultInjectors(i).DieAsync(end.Token)));
        tasks.AddRange(
            Enumerable.Range(0, GarbageSenders).Select(i => FaultInjectors(10 + i).SendGarbageAsync(end.Token)));
        tasks.Add(CutAsync(wire, httpWire, end.Token));

        var growth = new List<double> { await WatchAsync(time / 2, cancellation) };
        await RestartAsync();
        growth.Add(await WatchAsync(time / 2, cancellation));
        await end.CancelAsync();
        await Task.WhenAll(tasks);
        return growth;
    }

    private FaultInjectors FaultInjectors(int seed) => new(_server.Address, _server.HttpAddress, _tally, seed);

    private async Task CutAsync(Cutter wire, Cutter httpWire, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            await Task.Delay(1500, CancellationToken.None);
            _tally.Add("connections_cut", wire.CutAll());
            if (_tally["cuts"] % 4 == 0)
            {
                _tally.Add("connections_cut", httpWire.CutAll());
            }

            _tally.Add("cuts");
        }
    }

    // Least heap of the last quarter over that of the second: the first warms up, and the least is what a full
    // collection leaves. Resident memory follows the collector's budget, which grows with the rate of garbage.
    private async Task<double> WatchAsync(TimeSpan time, CancellationToken cancellation)
    {
        var heaps = new List<double>();
        for (var i = 0; i < 80; i++)
        {
            await Task.Delay(time / 80, cancellation);
            heaps.Add(await _server.MetricAsync("physintuition_heap"));
            _mostMemory = Math.Max(_mostMemory, _server.ResidentBytes);
        }

        return heaps[60..].Min() / heaps[20..40].Min();
    }

    private async Task RestartAsync()
    {
        await _server.KillAsync();
        await Task.Delay(300);
        Interlocked.Increment(ref _restarts);
        await _server.StartAsync();
    }

    private async Task ReportAsync(Figures figures, List<double> growth, double minutes)
    {
        for (var i = 0; i < 120 && await LeftAsync() > 0; i++)
        {
            await Task.Delay(500);
        }

        figures.Add("minutes", minutes, "min");
        figures.Add("steps_checked", _tally["steps_checked"], "", Mark.AtLeast(1));
        figures.Add("socket_steps", _tally["socket_steps"], "", Mark.AtLeast(1));
        figures.Add("lost_or_doubled_steps", _tally["wrong_replies"], "", Mark.AtMost(0));
        figures.Add("wrong_ends", _tally["wrong_ends"], "", Mark.AtMost(0));
        figures.Add("connections_cut", _tally["connections_cut"], "", Mark.AtLeast(1));
        figures.Add("clients_killed", _tally["clients_killed"], "", Mark.AtLeast(1));
        figures.Add("garbage_sent", _tally["garbage_sent"], "", Mark.AtLeast(1));
        figures.Add("restarts", _restarts, "", Mark.AtLeast(1));
        figures.Add("rounds", _tally["rounds"]);
        figures.Add("rounds_begun_again", _tally["rounds_begun_again"]);
        figures.Add("server_errors", _tally["server_errors"], "", Mark.AtMost(0));
        figures.Add("sessions_leaked", await _server.MetricAsync("physintuition_sessions"), "", Mark.AtMost(0));
        figures.Add("slots_leaked", await _server.MetricAsync("physintuition_slots"), "", Mark.AtMost(0));
        figures.Add("requests_leaked", await _server.MetricAsync("physintuition_requests"), "", Mark.AtMost(0));
        figures.Add("heap_growth", growth.Max(), "x", minutes < JudgedMinutes ? null : Mark.AtMost(1.15));
        figures.Add("heap_mb", await _server.MetricAsync("physintuition_heap") / 1e6, "MB");
        figures.Add("most_memory_mb", _mostMemory / 1e6, "MB", Mark.AtMost(1000));
    }

    private async Task<double> LeftAsync() => await _server.MetricAsync("physintuition_sessions") +
        await _server.MetricAsync("physintuition_slots") + await _server.MetricAsync("physintuition_requests");
}
