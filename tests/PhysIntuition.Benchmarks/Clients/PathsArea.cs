using System.CommandLine;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Client;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.TestKit;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>What calls beside reset and step cost through clients, against the engine doing the same.</summary>
/// <remarks>Every task; rounds of the engine and of the clients alternate. The worst task is the figure.</remarks>
internal sealed class PathsArea : IArea
{
    private const int Rounds = 5, Slots = 256, Pictures = 64, Edge = 64, Episodes = 8, Calls = 10;
    private const double MostTimes = 3;

    private static readonly Option<bool> s_cpu = new("--cpu")
    {
        Description = "In process alone and by CPU time: on a machine that does other work a call mostly waits.",
    };

    /// <inheritdoc/>
    public string Name => "paths";

    /// <inheritdoc/>
    public string Summary => "Render, fork, snapshot, restore, final observations and OpenEnv against the engine.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(TaskChoice.Option);
        command.Options.Add(s_cpu);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var root = Repository.RootOrNull ?? throw new SkippedException("this area runs inside a checkout.");
        await using var server = await ServerProcess.StartNewAsync();
        await using var client = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = server.Address }, cancellation);
        using var python = new PythonLoops(root);
        using var simulator = new BatchSimulator();
        var worst = new SortedDictionary<string, (double Ratio, string Task)>(StringComparer.Ordinal);
        var (tasks, isCpu) = (TaskChoice.Read(arguments), arguments.GetValue(s_cpu));
        foreach (var task in tasks.Length > 0 ? tasks : TaskChoice.All)
        {
            cancellation.ThrowIfCancellationRequested();
            var engine = new EnginePaths(task, simulator, isCpu ? Clock.CpuSeconds : Clock.WallSeconds);
            foreach (var path in EnginePaths.Names)
            {
                var slots = path == "render" ? Pictures : Slots;
                var ratios = new Dictionary<string, List<double>>();
                for (var round = -1; round < Rounds; round++)
                {
                    var needed = engine.Seconds(path, slots, Calls);
                    void Time(string name, double seconds) => Add(ratios, name, seconds / needed, round);
                    Time("embedded", python.Seconds(isCpu ? $"cpu-{path}" : path, "embedded", task.Spec.Id, slots,
                        "state", Edge, "settled", Calls));
                    if (isCpu)
                    {
                        continue;
                    }

                    Time("python", python.Seconds(
                        path, server.Address.Authority, task.Spec.Id, slots, "state", Edge, "settled", Calls));
                    Time("csharp", await SecondsAsync(client, path, task.Spec.Id, engine.Answer, slots));
                }

                Keep(worst, path, task.Spec.Name, ratios);
            }

            if (!isCpu)
            {
                // Its headers name the session.
                using var http = new HttpClient { BaseAddress = server.HttpAddress };
                Keep(worst, "openenv", task.Spec.Name, await OpenEnvAsync(http, engine, task.Spec.Id, cancellation));
            }
        }

        foreach (var (name, (ratio, task)) in worst)
        {
            Console.Error.WriteLine($"{name}: {ratio:0.00} in {task}");
            figures.Add(name, ratio, "x", Mark.AtMost(MostTimes));
        }
    }

    private static void Add(Dictionary<string, List<double>> ratios, string client, double ratio, int round)
    {
        if (round >= 0)
        {
            (ratios.TryGetValue(client, out var list) ? list : ratios[client] = []).Add(ratio);
        }
    }

    private static void Keep(
        SortedDictionary<string, (double Ratio, string Task)> worst, string path, string task,
        Dictionary<string, List<double>> ratios)
    {
        foreach (var (client, list) in ratios)
        {
            var (name, ratio) = ($"{path}_{client}", Statistics.Median(list));
            worst[name] = worst.TryGetValue(name, out var known) && known.Ratio > ratio ? known : (ratio, task);
        }
    }

    private static async Task<double> SecondsAsync(
        PhysIntuitionClient client, string path, string task, string answer, int slots)
    {
        await using var environment = await client.CreateAsync(new EnvironmentSettings(task)
        {
            Slots = slots,
            Observe = path == "render" ? null : new Observe("state"),
            Autoreset = path == "final" ? V1.AutoresetMode.SameStep : V1.AutoresetMode.Disabled,
        });
        string[] answers = [.. Enumerable.Repeat(answer, slots)];
        await environment.ResetAsync(0);
        if (path == "final")
        {
            return await TimeAsync(async () => await environment.StepAsync(answers));
        }

        await environment.StepAsync(answers);
        var snapshot = path == "restore" ? await environment.SnapshotAsync() : default;
        var forks = new List<IEnvironment>();
        var seconds = await TimeAsync(path switch
        {
            "render" => async () => await environment.RenderAsync(new Observe("rgb") { Width = Edge, Height = Edge }),
            "fork" => async () => forks.Add(await environment.ForkAsync()),
            "snapshot" => async () => await environment.SnapshotAsync(),
            _ => async () => await environment.RestoreAsync(snapshot),
        });
        foreach (var fork in forks)
        {
            await fork.DisposeAsync();
        }

        return seconds;
    }

    // Behind a first call, which takes the memory that the others find.
    private static async Task<double> TimeAsync(Func<Task> call)
    {
        await call();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Calls; i++)
        {
            await call();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / Calls;
    }

    // Episodes over HTTP, each with a picture before and after the answer.
    private static async Task<Dictionary<string, List<double>>> OpenEnvAsync(
        HttpClient http, EnginePaths engine, string task, CancellationToken cancellation)
    {
        var ratios = new Dictionary<string, List<double>>();
        using var opened = await http.PostAsJsonAsync($"{task}/reset", new { seed = 1 }, cancellation);
        string[] headers = ["physintuition-session", "physintuition-session-token"];
        foreach (var header in headers)
        {
            http.DefaultRequestHeaders.Add(header, opened.Headers.GetValues(header));
        }

        for (var round = -1; round < Rounds; round++)
        {
            var seeds = Enumerable.Range(1 + (Episodes * (round + 1)), Episodes).ToArray();
            var start = Stopwatch.GetTimestamp();
            foreach (var seed in seeds)
            {
                await PostAsync($"{task}/reset", new { seed });
                await PostAsync($"{task}/step", new { action = new { answer = engine.Answer } });
            }

            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Add(ratios, "http", seconds / engine.Episodes(seeds), round);
        }

        return ratios;

        async Task PostAsync(string path, object body)
        {
            using var reply = await http.PostAsJsonAsync(path, body, JsonSerializerOptions.Web, cancellation);
            reply.EnsureSuccessStatusCode();
            _ = await reply.Content.ReadAsByteArrayAsync(cancellation);
        }
    }
}
