using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation.Lanes;
using static Microsoft.Extensions.Options.Options;

namespace PhysIntuition.Server.Services;

/// <summary>The calls in this process, without a transport: what a server has, put together by hand.</summary>
internal sealed class LocalEngine : IDisposable
{
    private readonly BatchSimulator _simulator;
    private readonly CpuRenderer _renderer;
    private readonly Quota _quota;
    private readonly ServerMetrics _metrics;
    private readonly SessionStore _sessions;
    private readonly Caller _caller;

    /// <summary>An engine.</summary>
    /// <param name="engine">Threads, lanes and secrets.</param>
    /// <param name="limit">What sessions may have.</param>
    /// <param name="tasks">What is said of the tasks. Writing it takes readers of XML, and with them of everything that
    /// XML may lie behind: where they are not called, they are no part of a library compiled ahead of time.</param>
    public LocalEngine(EngineOptions engine, LimitOptions limit, ListTasksReply tasks)
    {
        var width = LaneWidths.Resolve((LaneWidth)engine.Lanes);
        _simulator = new BatchSimulator(new() { LaneWidth = width, Threads = engine.Threads });
        _renderer = new CpuRenderer(width, engine.Threads);
        var (limits, leases, options) = (Create(limit), Create(new LeaseOptions()), Create(engine));
        _quota = new Quota(limits);
        _metrics = new ServerMetrics(new Meters());
        _sessions = new SessionStore(leases, TimeProvider.System, NullLogger<SessionStore>.Instance);
        _caller = new Caller("everybody", Scopes.Play | Scopes.Score, _quota) { IsEverybody = true };
        Description = new ServerDescription(_simulator, _renderer, limits, leases, options, tasks);
        Calls = new EnvironmentCalls(
            new EnvironmentServices(
                _simulator, _renderer, new Scheduler(_simulator, options, _metrics), _quota, new HeldoutSeeds(options),
                new SnapshotSeal(options), _metrics),
            new Drain(CancellationToken.None));
    }

    /// <summary>What it calls.</summary>
    public EnvironmentCalls Calls { get; }

    /// <summary>What it says of itself and its tasks.</summary>
    public ServerDescription Description { get; }

    /// <summary>Opens a session, which no lease ends.</summary>
    public Session Open(string client) => _sessions.Open(_caller, client, lease: null).Session;

    /// <summary>Ends a session and all its environments.</summary>
    public void Close(Session session) => _sessions.Close(session);

    public void Dispose()
    {
        _sessions.Dispose();
        _metrics.Dispose();
        _simulator.Dispose();
    }

    private sealed class Meters : IMeterFactory
    {
        public Meter Create(MeterOptions options) => new(options);

        public void Dispose()
        {
        }
    }
}
