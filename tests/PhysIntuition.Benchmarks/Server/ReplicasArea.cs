using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Two servers behind nginx, one killed under load: its clients go on at the other from a snapshot.</summary>
internal sealed class ReplicasArea : IArea
{
    private const int Clients = 12;
    private const string Nginx = "/usr/sbin/nginx";
    private const string Secret = "Engine:SnapshotSecret=shared by the replicas";

    private static readonly Option<double> s_seconds = new("--seconds")
    {
        Description = "How long the clients play on after one replica died.",
        DefaultValueFactory = _ => 15,
    };

    private readonly Tally _tally = new();

    /// <inheritdoc/>
    public string Name => "replicas";

    /// <inheritdoc/>
    public string Summary => "Two servers behind nginx, one of them killed under load.";

    /// <inheritdoc/>
    public void Configure(Command command) => command.Options.Add(s_seconds);

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        if (!File.Exists(Nginx))
        {
            throw new SkippedException($"{Nginx} is missing; install nginx-light.");
        }

        var time = TimeSpan.FromSeconds(arguments.GetValue(s_seconds));
        await using var first = await StartAsync();
        await using var second = await StartAsync();
        var port = Ports.Free();
        using var nginx = StartNginx(port, first.Address.Port, second.Address.Port);
        try
        {
            await PlayAsync(new UriBuilder("http", "127.0.0.1", port).Uri, first, second, time, figures);
        }
        finally
        {
            // By name of its folder: a killed master would leave its workers behind.
            using var stop = Process.Start(Nginx, [.. nginx.StartInfo.ArgumentList, "-s", "stop"]);
            await nginx.WaitForExitAsync(CancellationToken.None);
        }

        foreach (var complaint in _tally.Complaints)
        {
            Console.Error.WriteLine(complaint);
        }
    }

    private async Task PlayAsync(
        Uri address, ServerProcess first, ServerProcess second, TimeSpan time, Figures figures)
    {
        var isDown = 0;
        using var end = new CancellationTokenSource();
        var wanderer = new IdleClients(address, _tally, () => Volatile.Read(ref isDown) != 0);
        var playing = Enumerable.Range(0, Clients).Select(i => wanderer.PlayAsync(i, end.Token)).ToArray();
        await UntilAsync(() => _tally["steps_checked"] >= 4 * Clients);
        figures.Add("sessions_at_first", await first.MetricAsync("physintuition_sessions"), "", Mark.AtLeast(1));
        figures.Add("sessions_at_second", await second.MetricAsync("physintuition_sessions"), "", Mark.AtLeast(1));
        Volatile.Write(ref isDown, 1);
        await first.KillAsync();
        var before = _tally["games"];
        await Task.Delay(time);
        await UntilAsync(() => _tally["games"] >= before + Clients);
        await end.CancelAsync();
        await Task.WhenAll(playing).WaitAsync(TimeSpan.FromMinutes(2));
        figures.Add("games", _tally["games"], "", Mark.AtLeast(Clients));
        figures.Add("steps_checked", _tally["steps_checked"], "", Mark.AtLeast(1));
        figures.Add("moved_to_the_other", _tally["moved"], "", Mark.AtLeast(1));
        figures.Add("told_unavailable", _tally["unavailable"]);
        figures.Add("lost_or_doubled_steps", _tally["wrong_replies"], "", Mark.AtMost(0));
        figures.Add("wrong_ends", _tally["wrong_ends"], "", Mark.AtMost(0));
        figures.Add("longest_gap_s", wanderer.LongestGap, "s");
    }

    private static async Task UntilAsync(Func<bool> isReached)
    {
        for (var i = 0; i < 600 && !isReached(); i++)
        {
            await Task.Delay(100);
        }
    }

    private async Task<ServerProcess> StartAsync()
    {
        var server = new ServerProcess(Secret) { Complain = line => _tally.Complain("server_errors", line) };
        await server.StartAsync();
        return server;
    }

    // packaging/nginx.conf as it stands, but for the ports.
    private static Process StartNginx(int port, int first, int second)
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-nginx-").FullName;
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "packaging/nginx.conf"))
            .Replace(":50050", $":{port}", StringComparison.Ordinal)
            .Replace(":50051", $":{first}", StringComparison.Ordinal)
            .Replace(":50052", $":{second}", StringComparison.Ordinal);
        var file = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(file, text);
        return Process.Start(Nginx,
            ["-p", folder, "-c", file, "-g", $"daemon off; pid {folder}/pid; error_log {folder}/errors;"]);
    }
}
