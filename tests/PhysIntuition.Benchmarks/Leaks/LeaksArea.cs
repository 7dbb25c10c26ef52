using System.CommandLine;
using System.Globalization;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Hosting;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>Whether anything but the pictures tells a player of held-out runs what the right answers are.</summary>
internal sealed class LeaksArea : IArea
{
    private const double Alpha = 0.01;   // chance that a fair server misses the mark
    private const int AtOnce = 4;        // servers: replies wait for their pace most of the time

    // Limits of rate cost a patient player time and hide nothing, so the bench does without.
    private static readonly string[] s_settings =
    [
        "Leaderboard:BaselineScenes=0", "Leaderboard:LooksPerSecond=100000", "Leaderboard:ScenesPerSecond=10000",
        LeakAttack.Setting,
    ];

    private readonly Option<int> _scenes = new("--scenes")
    {
        Description = "Scenes of each class, 20 to 2,000.", DefaultValueFactory = _ => 300,
    };

    private readonly Option<string[]> _tasks = new("--task")
    {
        Description = "Only this task; may be repeated.", DefaultValueFactory = _ => [],
    };

    private readonly Option<FileInfo?> _keep = new("--keep")
    {
        Description = "Keep the tasks' numbers in this file and play no task that is in it: a bench in pieces.",
    };

    /// <inheritdoc/>
    public string Name => "leaks";

    /// <inheritdoc/>
    public string Summary => "What clocks, sizes and meters tell about held-out scenes: areas under ROC curves.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        _scenes.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 20 or > 2000)
            {
                result.AddError("--scenes must be in [20, 2000].");
            }
        });
        command.Options.Add(_scenes);
        command.Options.Add(_tasks);
        command.Options.Add(_keep);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var scenes = 2 * arguments.GetValue(_scenes);
        var named = arguments.GetValue(_tasks)!;
        ITask[] tasks = named.Length > 0 ? [.. named.Select(TaskCatalog.Find)]
            : [.. TaskCatalog.All.Where(task => task.Spec.Splits.Contains(Split.Heldout))];
        var kept = new TaskNumbers(arguments.GetValue(_keep)?.FullName);
        ITask[] left = [.. tasks.Where(task => !kept.Has(task.Spec.Id))];
        var probes = new Probes();
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(left, options, async (task, cancel) =>
        {
            Console.Error.WriteLine($"{task.Spec.Id} ...");
            await AttackProcessAsync(task, scenes, probes, cancel);
        });
        foreach (var task in left)
        {
            Console.Error.WriteLine($"{task.Spec.Id}, gauges ...");
            await AttackGaugesAsync(task, scenes, probes, cancellation);
            kept.Add(task.Spec.Id, probes);
        }

        Report(kept.Of(tasks.Select(task => task.Spec.Id), out var constant), constant, figures);
    }

    // The server as its users run it.
    private static async Task AttackProcessAsync(ITask task, int scenes, Probes probes, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-bench-leaks-").FullName;
        await using (var server = await ServerProcess.StartNewAsync(
            [.. s_settings, $"Leaderboard:Folder={folder}"]))
        await using (var labels = new HeldoutLabels(folder))
        {
            using var channel = GrpcChannel.ForAddress(
                server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = null });
            using var http = new HttpClient { BaseAddress = server.HttpAddress };
            var attack = new LeakAttack(channel, http, labels, probes)
            {
                Meters = new Meters(channel, http)
                {
                    Others = () => [("process_cpu_s", server.CpuTime.TotalSeconds)],
                },
            };
            await attack.RunAsync(task, scenes, cancellation);
        }

        Directory.Delete(folder, recursive: true);
    }

    // Gauges of a whole process are read where it runs: this server is in the bench's own.
    private static async Task AttackGaugesAsync(ITask task, int scenes, Probes probes, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("physintuition-bench-leaks-").FullName;
        await using (var server = Build(folder))
        {
            await server.StartAsync(cancellation);
            await using var labels = new HeldoutLabels(folder);
            var listening = server.Services.GetRequiredService<IServer>();
            using var channel = GrpcChannel.ForAddress(Listening.AddressOf(listening));
            using var http = new HttpClient { BaseAddress = Listening.HttpAddressOf(listening)! };
            using var gauges = new ProcessGauges();
            var attack = new LeakAttack(channel, http, labels, probes)
            {
                Meters = new Meters(channel, http) { Others = gauges.Read, AreOthersAll = true },
            };
            await attack.ReadMetersAsync(task, scenes, cancellation);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static WebApplication Build(string folder) => ServerHost.Build(
        configuration => Configuration.AddSources(configuration, null,
            new[] { "Listen:Port=0", "Listen:HttpPort=0", $"Leaderboard:Folder={folder}" }.Concat(s_settings)
                .Select(Configuration.ParseSetting)),
        services => services.AddLogging(logging => logging.ClearProviders()));

    /// <summary>The farthest of the tasks for each number, and what is left of all together.</summary>
    private static void Report(IReadOnlyList<Probe> results, int constant, Figures figures)
    {
        Probe[] hidden = [.. results.Where(probe => !probe.IsShown)];
        var reach = Auc.ReachOf(hidden.Length, Alpha);
        foreach (var number in results.OrderBy(probe => probe.IsShown).GroupBy(probe => probe.Name))
        {
            var farthest = number.MaxBy(probe => probe.Auc.Distance / probe.Auc.Error)!;
            var (auc, half) = (farthest.Auc, reach * farthest.Auc.Error);
            figures.Add(number.Key, string.Create(CultureInfo.InvariantCulture,
                $"{auc.Value:0.000} ({Math.Max(0, auc.Value - half):0.000} to {Math.Min(1, auc.Value + half):0.000}), ")
                + $"{farthest.Task}, {auc.Count} a class");
        }

        var telling = hidden.Where(probe => probe.Auc.Tells(reach)).ToArray();
        figures.Add("numbers", hidden.Length);
        figures.Add("numbers_that_never_change", constant);
        figures.Add("numbers_that_tell", telling.Length, "", Mark.AtMost(0));
        figures.Add("worst_auc_distance", telling.Select(probe => probe.Auc.Distance).DefaultIfEmpty(0).Max(), "",
            Mark.AtMost(0));
    }
}
