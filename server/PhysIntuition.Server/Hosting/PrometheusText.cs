using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace PhysIntuition.Server.Hosting;

/// <summary>The server's metrics in Prometheus' text format: counters, gauges, and sums of histograms.</summary>
internal sealed class PrometheusText : IDisposable
{
    private readonly ConcurrentDictionary<Instrument, Series> _series = new();
    private readonly MeterListener _listener = new();

    public PrometheusText(IMeterFactory factory)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            // Several servers may live in one process; each shows its own meter.
            if (instrument.Meter.Name == ServerMetrics.MeterName && instrument.Meter.Scope == factory)
            {
                _series.TryAdd(instrument, new Series());   // what has not happened yet is told, too
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        _listener.Start();
    }

    /// <summary>All metrics now.</summary>
    public string Write()
    {
        _listener.RecordObservableInstruments();
        var text = new StringBuilder();
        foreach (var (instrument, series) in _series.OrderBy(pair => pair.Key.Name, StringComparer.Ordinal))
        {
            series.WriteTo(text, instrument);
        }

        return text.ToString();
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value) =>
        _series.GetOrAdd(instrument, static _ => new Series()).Add(value, instrument.IsObservable);

    private sealed class Series
    {
        private readonly Lock _lock = new();
        private double _sum;
        private long _count;

        public void Add(double value, bool isLast)
        {
            lock (_lock)
            {
                _sum = isLast ? value : _sum + value;
                _count++;
            }
        }

        public void WriteTo(StringBuilder text, Instrument instrument)
        {
            var name = instrument.Name.Replace('.', '_') + (instrument.Unit == "s" ? "_seconds" : "");
            var isHistogram = instrument is Histogram<double> or Histogram<int>;
            var type = isHistogram ? "summary" : instrument.IsObservable ? "gauge" : "counter";
            text.Append($"# HELP {name} {instrument.Description}\n# TYPE {name} {type}\n");
            if (isHistogram)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}_sum {_sum}\n{name}_count {_count}\n");
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{(type == "counter" ? "_total" : "")} {_sum}\n");
            }
        }
    }
}
