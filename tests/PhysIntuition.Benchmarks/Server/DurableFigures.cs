using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Client;
using PhysIntuition.TestKit;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>What a durable session costs: one server and a Redis on the same cores, against plain sessions.</summary>
internal static class DurableFigures
{
    private const int Rounds = 5, InFlight = 32;
    private const int WarmingRounds = 16;   // by then the hot methods of plain and durable calls are compiled for good
    private const int Slots = 4096, Forks = 15, Attempts = 8, StepsPerSnapshot = 4, SnapshotEvery = 64;

    /// <summary>Measures unary calls.</summary>
    public static async Task MeasureUnaryAsync(Figures figures)
    {
        using var redis = await RedisServer.StartAsync(keeps: true, sync: "everysec");
        await using var server = await StartAsync(redis, SnapshotEvery);
        using var plain = new UnarySteps(server.Address);
        using var durable = new UnarySteps(server.Address);
        await plain.OpenAsync();
        await durable.OpenAsync(isDurable: true);
        await plain.RunAsync(InFlight, WarmingRounds);
        await durable.RunAsync(InFlight, WarmingRounds);
        var (rates, ratios, single) = (new List<double>(), new List<double>(), new List<double>());
        var (usualCpu, cpu) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var start = server.CpuTime;
            var (usual, usualSeconds) = await plain.RunAsync(InFlight, rounds: 8);
            var middle = server.CpuTime;
            var (rate, seconds) = await durable.RunAsync(InFlight, rounds: 8);
            var end = server.CpuTime;
            var alone = await durable.RunAsync(inFlight: 1, rounds: 4);
            rates.Add(rate);
            ratios.Add(rate / usual);
            usualCpu.Add((middle - start).TotalMicroseconds / usualSeconds.Length);
            cpu.Add((end - middle).TotalMicroseconds / seconds.Length);
            single.Add(Statistics.Median(alone.Seconds) * 1e3);
        }

        figures.AddMedian("durable_unary_calls_per_s", rates, "calls/s");
        figures.AddMedian("durable_vs_plain_unary", ratios, "x", Mark.AtLeast(0.3));
        figures.AddMedian("durable_unary_single_p50_ms", single, "ms");
        figures.AddMedian("durable_unary_server_cpu_us", cpu, "us");
        figures.AddMedian("durable_unary_server_cpu_of_plain", [.. cpu.Zip(usualCpu, (us, of) => us / of)], "x");
    }

    /// <summary>Measures a stream.</summary>
    public static async Task MeasureStreamAsync(Figures figures)
    {
        using var redis = await RedisServer.StartAsync(keeps: true, sync: "everysec");
        await using var server = await StartAsync(redis, SnapshotEvery);
        using var other = await RedisServer.StartAsync(keeps: true, sync: "everysec");
        await using var often = await StartAsync(other, StepsPerSnapshot);
        await using var none = await ForksAsync(server);
        await using var one = await ForksAsync(often);
        var rates = new List<double>();
        for (var round = -1; round < Rounds; round++)
        {
            var (without, with) = (await none.PlayAsync(), await one.PlayAsync());
            if (round >= 0)
            {
                var seconds = (SnapshotEvery / Attempts * without) + Math.Max(0, with - without);
                rates.Add((double)Forks * SnapshotEvery * Slots / seconds);
            }
        }

        figures.AddMedian("durable_stream_slot_steps_per_s", rates, "slot-steps/s", Mark.AtLeast(1_000_000));
    }

    private static Task<ServerProcess> StartAsync(RedisServer redis, int snapshotEvery) => ServerProcess.StartNewAsync(
        $"Cluster:Store={redis.Address}", "Cluster:Port=0",
        $"Cluster:SnapshotEvery={snapshotEvery}");

    private static async Task<ForkedSteps> ForksAsync(ServerProcess server)
    {
        var client = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = server.Address, Durable = true });
        var origin = await client.CreateAsync(new EnvironmentSettings("Offset-v1")
        {
            Slots = Slots,
            Options = $$"""{"attempts":{{Attempts}}}""",
            Autoreset = V1.AutoresetMode.Disabled,
            ReplayWindow = StepsPerSnapshot,
        });
        await origin.ResetAsync(0);
        return new ForkedSteps(client, origin);
    }

    /// <summary>Steps of forks of one environment, whose episodes take several answers: nothing is simulated.</summary>
    private sealed class ForkedSteps(PhysIntuitionClient client, IEnvironment origin) : IAsyncDisposable
    {
        private readonly float[] _actions = [.. Enumerable.Range(0, Slots).SelectMany(_ => new float[] { -400, 260 })];

        /// <summary>Seconds that all steps of all forks take, in halves between which a snapshot is due.</summary>
        public async Task<double> PlayAsync()
        {
            var forks = new List<IEnvironment>();
            for (var i = 0; i < Forks; i++)
            {
                forks.Add(await origin.ForkAsync());
            }

            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(forks.Select(StepAsync));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            foreach (var fork in forks)
            {
                await fork.DisposeAsync();
            }

            return seconds;
        }

        public async ValueTask DisposeAsync()
        {
            await origin.DisposeAsync();
            await client.DisposeAsync();
        }

        private async Task StepAsync(IEnvironment environment)
        {
            for (var step = 0; step < Attempts; step += StepsPerSnapshot)
            {
                await Task.WhenAll(
                    Enumerable.Range(0, StepsPerSnapshot).Select(_ => environment.StepAsync(_actions).AsTask()));
            }
        }
    }
}
