using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Long jobs that are killed at random moments, and the server that they talk to: started again, each ends as
/// if nothing had been.</summary>
internal sealed class JobsArea : IArea
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(3);

    private static readonly Option<int> s_moments = new("--moments")
    {
        Description = "Random moments at which each job or its server is killed.",
        DefaultValueFactory = _ => 10,
    };

    private static readonly Option<int> s_seed = new("--seed")
    {
        Description = "Of the moments.",
        DefaultValueFactory = _ => 1,
    };

    private static readonly Option<string> s_only = new("--only")
    {
        Description = "Only the job that is called so: export, eval, leaderboard or train.",
        DefaultValueFactory = _ => "",
    };

    private readonly SemaphoreSlim _replacing = new(1);
    private readonly Tally _tally = new();

    /// <inheritdoc/>
    public string Name => "jobs";

    /// <inheritdoc/>
    public string Summary => "Export, evaluation, held-out run and training, killed at random moments and resumed.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(s_moments);
        command.Options.Add(s_seed);
        s_only.AcceptOnlyFromAmong("export", "eval", "leaderboard", "train");
        command.Options.Add(s_only);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        using var folder = new TemporaryFolder();
        var (moments, seed) = (arguments.GetValue(s_moments), arguments.GetValue(s_seed));
        await using var server = new ServerProcess(
            $"Leaderboard:Folder={folder.At("board")}", "Leaderboard:ReplyPace=0", "Leaderboard:RunsPerMethod=1000",
            "Leaderboard:ScenesPerSecond=10000", "Leaderboard:BaselineScenes=0", "Engine:SnapshotSecret=shared")
        {
            Complain = line => _tally.Complain("wrong_results", $"server: {line}"),
        };
        await server.StartAsync();
        var only = arguments.GetValue(s_only)!;
        var jobs = LongJob.All(folder, server.Address)
            .Where(job => only.Length == 0 || job.Name == only).ToArray();
        await Task.WhenAll(jobs.Select((job, index) =>
            KillAsync(job, server, moments, new Random((seed * jobs.Length) + index))));
        foreach (var job in jobs)
        {
            figures.Add($"{job.Name}_killed", _tally[$"{job.Name}_killed"], "", Mark.AtLeast(1));
            figures.Add($"{job.Name}_finished", _tally[$"{job.Name}_finished"], "", Mark.AtLeast(1));
        }

        var losesServer = moments > 3 && jobs.Any(job => job.HasServer);
        figures.Add("server_killed", _tally["server_killed"], "", Mark.AtLeast(losesServer ? 1 : 0));
        figures.Add("started_without_server", _tally["started_without_server"]);
        figures.Add("wrong_results", _tally["wrong_results"], "", Mark.AtMost(0));
        foreach (var complaint in _tally.Complaints)
        {
            Console.Error.WriteLine(complaint);
        }
    }

    // Where a job ends before its moment has come, another one begins.
    private async Task KillAsync(LongJob job, ServerProcess server, int moments, Random random)
    {
        var (folder, runs) = (job.NewFolder(), 0);
        var start = Stopwatch.GetTimestamp();
        await FinishAsync(job, folder);
        var whole = Stopwatch.GetElapsedTime(start);
        job.KeepAsWhole(folder);
        folder = job.NewFolder();
        for (var killed = 0; killed < moments; runs++)
        {
            using var process = Start(job, folder, out var said);
            var ended = process.WaitForExitAsync();
            await Task.WhenAny(ended, Task.Delay(random.NextDouble() * whole));
            if (job.HasServer && random.Next(3) == 0)
            {
                await ReplaceAsync(server);
                await Task.WhenAny(ended, Task.Delay(random.NextDouble() * whole));
            }

            if (!ended.IsCompleted)
            {
                process.Kill();
                killed++;
                _tally.Add($"{job.Name}_killed");
                await ended;
                continue;
            }

            if (IsOver(job, folder, process, await said))
            {
                folder = job.NewFolder();
            }
        }

        await FinishAsync(job, folder);
    }

    private async Task FinishAsync(LongJob job, string folder)
    {
        while (true)
        {
            using var process = Start(job, folder, out var said);
            await process.WaitForExitAsync().WaitAsync(s_patience);
            if (IsOver(job, folder, process, await said))
            {
                return;
            }
        }
    }

    // A job that is started while its server is away is told so at once, and is started again.
    private bool IsOver(LongJob job, string folder, Process process, string said)
    {
        if (process.ExitCode != 0 && said.Contains("listens there", StringComparison.Ordinal))
        {
            _tally.Add("started_without_server");
            return false;
        }

        var fault = process.ExitCode == 0 ? job.FaultOf(folder, said) : $"exit code {process.ExitCode}: {said}";
        if (fault is not null)
        {
            _tally.Complain("wrong_results", $"{job.Name}: {fault}");
        }

        _tally.Add($"{job.Name}_finished");
        return true;
    }

    private static Process Start(LongJob job, string folder, out Task<string> said)
    {
        var start = new ProcessStartInfo("dotnet", job.Command(folder))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["XDG_DATA_HOME"] = job.Home;   // where a player's key lies
        var process = Process.Start(start)!;
        said = SaidAsync(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        return process;
    }

    private static async Task<string> SaidAsync(Task<string> output, Task<string> errors) =>
        await output + await errors;

    // Several jobs talk to it.
    private async Task ReplaceAsync(ServerProcess server)
    {
        await _replacing.WaitAsync();
        try
        {
            await server.KillAsync();
            await server.StartAsync();
            _tally.Add("server_killed");
        }
        finally
        {
            _replacing.Release();
        }
    }
}
