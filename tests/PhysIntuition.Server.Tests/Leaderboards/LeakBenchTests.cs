using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Benchmarks.Leaks;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Tests.Leaderboards;

/// <summary>The short form of <c>bench leaks</c>, and that it finds what is there.</summary>
public sealed class LeakBenchTests : IDisposable
{
    private const int Scenes = 96;
    private const double Alpha = 1e-6;   // chance that a fair server fails one of these tests

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-leaks-").FullName;
    private readonly Probes _probes = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Stability-v1")]
    [InlineData("OffsetRetry-v1")]
    [InlineData("Cause-v1")]
    [InlineData("Sequence-v1")]
    [InlineData("Jenga-v1")]
    public async Task Attack_OnAServerAsItIs_FindsNothing(string task)
    {
        await AttackAsync(_ => { }, (attack, cancel) => attack.RunAsync(TaskCatalog.Find(task), Scenes, cancel));

        Assert.Empty(Found());
        Assert.Contains(_probes.Results(out _), probe => probe.Name == "look_s" && probe.Auc.Count > Scenes / 4);
    }

    [Fact]
    public async Task Attack_OnRepliesThatTakeLongerForOneClass_FindsThemByTheClock()
    {
        await AttackAsync(
            services => Plant(services, (_, isYes) => Task.Delay(isYes ? 300 : 0)),
            (attack, cancel) => attack.LookAsync(TaskCatalog.Find("Stability-v1"), Scenes, cancel));

        Assert.Equal(["look_s"], Found());
    }

    [Fact]
    public async Task Attack_OnMetersThatMoveWithOneClass_FindsThem()
    {
        using var meter = new Meter(nameof(LeakBenchTests));
        var planted = meter.CreateCounter<int>("planted");
        await AttackAsync(
            services => Plant(services, (http, isYes) =>
            {
                http.RequestServices.GetRequiredService<ServerMetrics>().Stepped(isYes ? 1 : 2);
                planted.Add(isYes ? 1 : 2);
                return Task.CompletedTask;
            }),
            (attack, cancel) => attack.ReadMetersAsync(TaskCatalog.Find("Stability-v1"), Scenes, cancel));

        Assert.Contains("metrics_physintuition_slot_steps_total", Found());
        Assert.Contains("watch_physintuition_slot_steps_total", Found());
        Assert.Contains("process_planted", Found());
    }

    [Fact]
    public void Auc_OfSamplesWithTies_IsTheShareOfPairsInOrder()
    {
        // Of the six pairs (0, 1), (0, 2), (1, 1), (1, 2), (3, 1), (3, 2) three are in order and one is tied.
        var auc = Auc.Of([0, 1, 3], [1, 2]);

        Assert.Equal(3.5 / 6, auc.Value, 1e-12);
        Assert.Equal(2, auc.Count);
    }

    [Fact]
    public void Auc_OfClassesApart_TellsAtAnyLevelOfThisBench()
    {
        double[] low = [.. Enumerable.Range(0, 40).Select(i => (double)i)], high = [.. low.Select(i => i + 100)];

        Assert.True(Auc.Of(low, high).Tells(Auc.ReachOf(200, Alpha)));
        Assert.False(Auc.Of(low, low).Tells(reach: 1));
        // Without ties or a difference: (m + n + 1) / (12 m n).
        Assert.Equal(Math.Sqrt(81.0 / (12 * 40 * 40)), Auc.Of(low, high).Error, 1e-12);
    }

    [Fact]
    public void LastAnswer_OfEveryTask_IsLegal() => Assert.All(TaskCatalog.All, static task =>
        Assert.True(task.Parse(LeakAttack.LastAnswer(task), new()).IsLegal, task.Spec.Id));

    [Fact]
    public void TaskNumbers_OfTwoPieces_AreThoseOfOne()
    {
        var path = Path.Combine(_folder, "kept.json");
        _probes.Add("B", "look_s", [false, true, false, true], [1, 2, 2, 3]);
        _probes.Add("B", "constant", [false, true], [4, 4]);
        new TaskNumbers(path).Add("B", _probes);
        _probes.Add("A", "look_s", [false, true], [1, 0]);
        var second = new TaskNumbers(path);
        second.Add("A", _probes);

        var read = new TaskNumbers(path);

        Assert.Equal((true, true, false), (read.Has("A"), read.Has("B"), read.Has("C")));
        Assert.Equal(_probes.Results(out var constant).OrderBy(probe => probe.Task),
            read.Of(["A", "B"], out var kept));
        Assert.Equal(constant, kept);
        Assert.Equal(new Auc(0.875, read.Of(["B"], out _)[0].Auc.Error, 2), read.Of(["B"], out _)[0].Auc);
    }

    private IEnumerable<string> Found()
    {
        var hidden = _probes.Results(out _).Where(probe => !probe.IsShown).ToArray();
        var reach = Auc.ReachOf(hidden.Length, Alpha);
        return hidden.Where(probe => probe.Auc.Tells(reach)).Select(probe => probe.Name);
    }

    private async Task AttackAsync(
        Action<IServiceCollection> plant, Func<LeakAttack, CancellationToken, Task> play)
    {
        await using var server = await RunningServer.StartAsync(
            plant, $"Leaderboard:Folder={_folder}", "Leaderboard:ScenesPerSecond=10000",
            "Leaderboard:LooksPerSecond=100000", LeakAttack.Setting,
            "Leaderboard:ReplyPace=00:00:00.01"); // Five times faster than usual, and still slower than a copy.
        await using var labels = new HeldoutLabels(_folder);
        using var http = new HttpClient { BaseAddress = server.HttpAddress };
        using var gauges = new ProcessGauges();
        using var patience = new CancellationTokenSource(10 * RunningServer.Patience);
        var attack = new LeakAttack(server.Channel, http, labels, _probes)
        {
            Meters = new Meters(server.Channel, http) { Others = gauges.Read },
        };
        await play(attack, patience.Token);
    }

    // A server with a fault: something that hangs on the class of the scene that is looked at over HTTP.
    private void Plant(IServiceCollection services, Func<HttpContext, bool, Task> leak)
    {
        var truth = new ConcurrentDictionary<string, Lazy<Task<bool[]>>>();
        services.AddSingleton<IStartupFilter>(new Middleware(async (http, next) =>
        {
            if (http.Request.Path.Value!.Split('/') is [.., var run, "observe"])
            {
                http.Request.EnableBuffering();
                using var body = await JsonDocument.ParseAsync(http.Request.Body);
                http.Request.Body.Position = 0;
                var scene = body.RootElement.GetProperty("scenes")[0].GetInt32();
                var classes = await truth.GetOrAdd(run, _ => new(() => TruthAsync(run))).Value;
                await leak(http, classes[scene]);
            }

            await next(http);
        }));
    }

    private async Task<bool[]> TruthAsync(string run)
    {
        await using var labels = new HeldoutLabels(_folder);
        return await labels.OfAsync([.. Enumerable.Range(0, Scenes).Select(scene => (run, scene))]);
    }

    private sealed class Middleware(Func<HttpContext, RequestDelegate, Task> invoke) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(inner => http => invoke(http, inner));
            next(app);
        };
    }
}
