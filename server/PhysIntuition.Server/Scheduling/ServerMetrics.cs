using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace PhysIntuition.Server.Scheduling;

/// <summary>What the server measures about itself; any OpenTelemetry or Prometheus reader can listen.</summary>
internal sealed class ServerMetrics : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "PhysIntuition.Server";

    private readonly Meter _meter;
    private readonly Histogram<double> _wait;
    private readonly Histogram<double> _simulation;
    private readonly Histogram<double> _drawing;
    private readonly Histogram<int> _callsPerBatch;
    private readonly Counter<long> _slotSteps;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _pixels;
    private readonly Counter<long> _replays;

    public ServerMetrics(IMeterFactory factory)
    {
        _meter = factory.Create(MeterName);
        _wait = _meter.CreateHistogram<double>("physintuition.queue.wait", "s", "Time from submission to begin.");
        _simulation = _meter.CreateHistogram<double>("physintuition.simulation.time", "s", "One batch of worlds.");
        _drawing = _meter.CreateHistogram<double>("physintuition.drawing.time", "s", "Pictures of one reply.");
        _callsPerBatch = _meter.CreateHistogram<int>("physintuition.batch.calls", "{call}", "Calls run together.");
        _slotSteps = _meter.CreateCounter<long>("physintuition.slot_steps", "{step}", "Steps of single slots.");
        _resets = _meter.CreateCounter<long>("physintuition.slot_resets", "{reset}", "Resets of single slots.");
        _pixels = _meter.CreateCounter<long>("physintuition.pixels", "{pixel}", "Pixels drawn.");
        _replays = _meter.CreateCounter<long>("physintuition.replays", "{reply}", "Replies repeated for a retry.");
    }

    /// <summary>Publishes a number that is read when somebody asks.</summary>
    public void Observe(string name, string unit, string description, Func<long> read) =>
        _meter.CreateObservableGauge(name, read, unit, description);

    /// <summary>A time stamp for the methods below.</summary>
    public long Begin() => Stopwatch.GetTimestamp();

    /// <summary>A call leaves the queue.</summary>
    public void Waited(Work work) => _wait.Record(Stopwatch.GetElapsedTime(work.Submitted).TotalSeconds);

    /// <summary>Worlds of several calls were simulated together.</summary>
    public void Simulated(long start, int calls)
    {
        _simulation.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _callsPerBatch.Record(calls);
    }

    /// <summary>Pictures of one reply were drawn.</summary>
    public void Drawn(long start, long pixels)
    {
        _drawing.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _pixels.Add(pixels);
    }

    /// <summary>Slots stepped.</summary>
    public void Stepped(int slots) => _slotSteps.Add(slots);

    /// <summary>Slots reset by request.</summary>
    public void Reset(int slots) => _resets.Add(slots);

    /// <summary>A recorded reply was repeated.</summary>
    public void Replayed() => _replays.Add(1);

    public void Dispose() => _meter.Dispose();
}
