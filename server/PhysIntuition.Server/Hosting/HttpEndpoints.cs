using PhysIntuition.Server.Pages;
using PhysIntuition.Server.Trainers;

namespace PhysIntuition.Server.Hosting;

/// <summary>What the HTTP port serves beside gRPC: health, metrics, OpenEnv, trainers, pages.</summary>
internal static class HttpEndpoints
{
    /// <summary>Adds what the endpoints need.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<PrometheusText>();
        services.AddSingleton<OpenEnvSessions>();
        services.AddSingleton<VagenEpisodes>();
        McpEndpoints.Add(services);
        ApiDocuments.Add(services);
        PageHosting.Add(services);
    }

    /// <summary>Maps the endpoints.</summary>
    public static void Map(WebApplication app)
    {
        PublishGauges(app.Services);
        // Only where one may be: the middleware makes something for every request.
        app.UseWhen(
            http => http.Request.Path.Value!.EndsWith("/ws", StringComparison.Ordinal),
            sockets => sockets.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(20) }));
        app.MapGet("/metrics", (PrometheusText metrics) =>
            Results.Text(metrics.Write(), "text/plain; version=0.0.4; charset=utf-8"))
            .WithMetadata(new NeededScopeAttribute(Scopes.Admin)).Produces<string>(contentType: "text/plain")
            .WithTags("server")
            .WithSummary("Metrics in Prometheus' text format.");
        ApiDocuments.Map(app);
        OpenEnvEndpoints.Map(app);
        McpEndpoints.Map(app);
        NemoGymEndpoints.Map(app);
        VagenEndpoints.Map(app);
        LeaderboardHttp.Map(app);
        PageHosting.Map(app);
    }

    private static void PublishGauges(IServiceProvider services)
    {
        _ = services.GetRequiredService<PrometheusText>();
        var metrics = services.GetRequiredService<ServerMetrics>();
        var quota = services.GetRequiredService<Quota>();
        var scheduler = services.GetRequiredService<Scheduler>();
        metrics.Observe("physintuition.sessions", "{session}", "Open sessions.", () => quota.Sessions);
        var connections = services.GetRequiredService<ConnectionLimit>();
        metrics.Observe("physintuition.connections", "{connection}", "Open connections.", () => connections.Open);
        metrics.Observe("physintuition.slots", "{slot}", "Slots of all environments.", () => quota.Slots);
        metrics.Observe("physintuition.requests", "{request}", "Requests that wait or run.", () => quota.Requests);
        metrics.Observe("physintuition.queue.depth", "{call}", "Calls that wait.", () => scheduler.Waiting);
        var heldout = services.GetRequiredService<HeldoutWork>();
        // Nothing that players can read may move with a held-out scene while its run is open.
        metrics.Observe("physintuition.allocated", "By", "Bytes allocated since the start, without held-out runs.",
            () => GC.GetTotalAllocatedBytes() - heldout.Allocated);
        metrics.Observe("physintuition.heldout.allocated", "By", "Bytes allocated for closed held-out runs, coarsely.",
            () => heldout.AllocatedByClosed);
        metrics.Observe("physintuition.heldout.scenes", "{scene}", "Scenes of closed held-out runs.",
            () => heldout.ScenesOfClosed);
        metrics.Observe("physintuition.heap", "By", "Managed heap after the last collection.",
            () => heldout.Coarsely(GC.GetGCMemoryInfo().HeapSizeBytes));
        metrics.Observe("physintuition.memory", "By", "Resident memory.",
            () => heldout.Coarsely(Environment.WorkingSet));
    }
}
