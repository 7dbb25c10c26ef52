using Grpc.Net.Client;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Server.Hosting;
using PhysIntuition.TestKit;
using PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Memory of sessions that nobody calls: the server runs here, where its heap can be collected.</summary>
internal static class IdleFigures
{
    private const int WarmingSessions = 512, Sessions = 4096, InFlight = 16;

    /// <summary>Measures plain sessions of a server without a cluster, and durable ones.</summary>
    public static async Task MeasureAsync(Figures figures)
    {
        figures.Add("idle_session_bytes", await BytesAsync(isDurable: false), "B", Mark.AtMost(1024));
        using var redis = await RedisServer.StartAsync();
        figures.Add("idle_durable_session_bytes",
            await BytesAsync(isDurable: true, $"Cluster:Store={redis.Address}", "Cluster:Port=0"), "B");
    }

    private static async Task<double> BytesAsync(bool isDurable, params string[] settings)
    {
        await using var app = ServerHost.Build(
            configuration => Configuration.AddSources(
                configuration, null, settings.Append("Listen:Port=0").Select(Configuration.ParseSetting)),
            services => services.AddLogging(logging => logging.ClearProviders()));
        await app.StartAsync();
        using var channel = GrpcChannel.ForAddress(Listening.AddressOf(app.Services.GetRequiredService<IServer>()));
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);
        await OpenAsync(WarmingSessions);
        var before = Collected();
        await OpenAsync(Sessions);
        var bytes = (double)(Collected() - before) / Sessions;
        await app.StopAsync();
        return bytes;

        Task OpenAsync(int count) => Parallel.ForAsync(
            0, count, new ParallelOptions { MaxDegreeOfParallelism = InFlight },
            async (_, _) => await stub.OpenSessionAsync(new OpenSessionRequest { Durable = isDurable }));
    }

    private static long Collected()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
