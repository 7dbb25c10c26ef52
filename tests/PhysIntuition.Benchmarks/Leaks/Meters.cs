using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;
using Grpc.Net.Client;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>Every number that a server tells about itself: its metrics, the watch page's stream, what it says it is,
/// and its health.</summary>
internal sealed partial class Meters(GrpcChannel channel, HttpClient http)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private readonly EnvironmentService.EnvironmentServiceClient _environments = new(channel);

    /// <summary>More numbers, from where a bench can get at them; null: none.</summary>
    public Func<IEnumerable<(string Name, double Value)>>? Others { get; init; }

    /// <summary>Only those others.</summary>
    public bool AreOthersAll { get; init; }

    /// <summary>All of them now.</summary>
    public async Task<Dictionary<string, double>> ReadAsync(CancellationToken cancel)
    {
        var numbers = new Dictionary<string, double>();
        if (!AreOthersAll)
        {
            await AddOwnAsync(numbers, cancel);
        }

        foreach (var (name, value) in Others?.Invoke() ?? [])
        {
            numbers[name] = value;
        }

        return numbers;
    }

    private async Task AddOwnAsync(Dictionary<string, double> numbers, CancellationToken cancel)
    {
        AddLines(numbers, "metrics", await http.GetStringAsync("/metrics", cancel));
        AddLines(numbers, "watch", await FirstOfWatchAsync(cancel));
        AddNumbers(numbers, "health", await http.GetStringAsync("/health", cancel));
        var info = await _environments.GetServerInfoAsync(new GetServerInfoRequest(), cancellationToken: cancel);
        AddNumbers(numbers, "info", JsonFormatter.Default.Format(info));
    }

    // The stream begins with what it shows at once; later events come once a second.
    private async Task<string> FirstOfWatchAsync(CancellationToken cancel)
    {
        using var reply = await http.GetAsync("/api/watch", HttpCompletionOption.ResponseHeadersRead, cancel);
        if (reply.StatusCode == HttpStatusCode.TooManyRequests)
        {
            await Task.Delay(s_pause, cancel);   // Until the server sees that earlier watchers have left.
            return await FirstOfWatchAsync(cancel);
        }

        reply.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await reply.Content.ReadAsStreamAsync(cancel));
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(cancel) is { } line)
        {
            if (line.StartsWith("event: environments", StringComparison.Ordinal))
            {
                var environments = await reader.ReadLineAsync(cancel);
                return text.Append("environments_length ").Append(environments!.Length).ToString();
            }

            text.Append(line.StartsWith("data: ", StringComparison.Ordinal) ? line[6..] : "").Append('\n');
        }

        return text.ToString();
    }

    private static void AddLines(Dictionary<string, double> numbers, string prefix, string text)
    {
        foreach (var line in text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var words = line.Split(' ');
            if (words.Length == 2 && double.TryParse(words[1], CultureInfo.InvariantCulture, out var value))
            {
                numbers[$"{prefix}_{words[0]}"] = value;
            }
        }
    }

    private static void AddNumbers(Dictionary<string, double> numbers, string prefix, string text)
    {
        numbers[$"{prefix}_length"] = text.Length;
        foreach (var (place, match) in Number().Matches(text).Index())
        {
            numbers[$"{prefix}_{place}"] = double.Parse(match.Value, CultureInfo.InvariantCulture);
        }
    }

    [GeneratedRegex(@"\d+(\.\d+)?")]
    private static partial Regex Number();
}

/// <summary>The gauges of the whole process, of a server in this one: processor time, collections, thread pool, HTTP,
/// Kestrel and whatever else is published, as OpenTelemetry's instrumentation reads them.</summary>
internal sealed class ProcessGauges : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, double> _values = [];
    private readonly Lock _lock = new();

    public ProcessGauges()
    {
        // The server's own are in /metrics, for each server apart.
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != ServerMetrics.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>All of them now.</summary>
    public IEnumerable<(string Name, double Value)> Read()
    {
        _listener.RecordObservableInstruments();
        lock (_lock)
        {
            return [.. _values.Select(pair => (pair.Key, pair.Value))];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = new StringBuilder($"process_{instrument.Name}");
        foreach (var (key, tag) in tags)
        {
            // Ports and connections are new each time.
            name.Append(key is "gc.heap.generation" or "cpu.mode" or "error.type" ? $"_{tag}" : "");
        }

        lock (_lock)
        {
            var key = name.ToString();
            _values[key] = instrument.IsObservable ? value : _values.GetValueOrDefault(key) + value;
        }
    }
}
