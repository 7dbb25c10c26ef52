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
    private readonly Histogram<double> _beginning;
    private readonly Histogram<double> _finishing;
    private readonly Histogram<double> _call;
    private readonly Histogram<int> _callsPerBatch;
    private readonly Histogram<int> _worldsPerBatch;
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
        _beginning = _meter.CreateHistogram<double>(
            "physintuition.begin.time", "s", "Checking the calls of one batch.");
        _finishing = _meter.CreateHistogram<double>(
            "physintuition.finish.time", "s", "Scoring and observing of one batch, pictures included.");
        _call = _meter.CreateHistogram<double>("physintuition.call.time", "s", "Time from submission to reply.");
        _worldsPerBatch = _meter.CreateHistogram<int>("physintuition.batch.worlds", "{world}", "Worlds run together.");
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
    public void Simulated(long start, int calls, int worlds)
    {
        _worldsPerBatch.Record(worlds);
        _simulation.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        _callsPerBatch.Record(calls);
    }

    /// <summary>A batch of calls has run; its stages began at these stamps.</summary>
    public void Finished(long begun, long simulating, long finishing, List<Work> batch)
    {
        var end = Stopwatch.GetTimestamp();
        _beginning.Record(Stopwatch.GetElapsedTime(begun, simulating).TotalSeconds);
        _finishing.Record(Stopwatch.GetElapsedTime(finishing, end).TotalSeconds);
        foreach (var work in batch)
        {
            _call.Record(Stopwatch.GetElapsedTime(work.Submitted, end).TotalSeconds);
            Tracing.End(work, begun, simulating, finishing, end);
        }
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
