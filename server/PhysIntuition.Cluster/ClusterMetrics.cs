using System.Diagnostics.Metrics;
using PhysIntuition.Server.Scheduling;

namespace PhysIntuition.Server.Cluster;

/// <summary>What a server measures of durable sessions, beside <see cref="ServerMetrics"/>.</summary>
internal sealed class ClusterMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _calls;
    private readonly Histogram<double> _storing;
    private readonly Histogram<double> _waking;
    private readonly Counter<long> _retries;
    private long _held;

    public ClusterMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(ServerMetrics.MeterName);
        _meter.CreateObservableGauge("physintuition.durable.sessions", () => Volatile.Read(ref _held), "{session}",
            "Durable sessions that this server holds.");
        _calls = _meter.CreateCounter<long>("physintuition.durable.calls", "{call}", "Calls of durable sessions.");
        _storing = _meter.CreateHistogram<double>(
            "physintuition.durable.store.time", "s", "One record of calls until the store has it.");
        _waking = _meter.CreateHistogram<double>(
            "physintuition.durable.wake.time", "s", "A session until it was rebuilt from the store.");
        _retries = _meter.CreateCounter<long>(
            "physintuition.durable.retries", "{call}", "Calls asked again of a session whose server was gone.");
    }

    /// <summary>Sessions more or less.</summary>
    public void Held(int sessions) => Interlocked.Add(ref _held, sessions);

    /// <summary>Calls came.</summary>
    public void Called(int calls) => _calls.Add(calls);

    /// <summary>A record was stored.</summary>
    public void Stored(TimeSpan time) => _storing.Record(time.TotalSeconds);

    /// <summary>A session was rebuilt.</summary>
    public void Woke(TimeSpan time) => _waking.Record(time.TotalSeconds);

    /// <summary>A call is asked again.</summary>
    public void Retried() => _retries.Add(1);

    public void Dispose() => _meter.Dispose();
}
