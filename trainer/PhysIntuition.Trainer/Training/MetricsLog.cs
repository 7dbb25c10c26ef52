namespace PhysIntuition.Trainer.Training;

/// <summary>A run's curve: one JSON object per step in metrics.jsonl, and the same as TensorBoard events.</summary>
public sealed class MetricsLog : IDisposable
{
    private const string StepName = "step";

    private readonly StreamWriter _lines;
    private readonly TensorBoardWriter _events;

    /// <summary>Opens the log of a run; lines behind the step that a resumed run starts from are dropped.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="fromStep">Steps already done; 0 for a new run.</param>
    public MetricsLog(string folder, long fromStep)
    {
        Directory.CreateDirectory(folder);
        FilePath = Path.Combine(folder, "metrics.jsonl");
        Truncate(FilePath, fromStep);
        _lines = new StreamWriter(FilePath, append: true) { AutoFlush = true };
        _events = new TensorBoardWriter(Path.Combine(folder, "tensorboard"), fromStep + 1);
    }

    /// <summary>Where the lines are.</summary>
    public string FilePath { get; }

    /// <summary>Appends one step.</summary>
    /// <param name="step">The step just done, from 1 on.</param>
    /// <param name="values">Name and value; times are named "time/...".</param>
    public void Write(long step, IReadOnlyDictionary<string, double> values)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line))
        {
            json.WriteStartObject();
            json.WriteNumber(StepName, step);
            foreach (var (name, value) in values.OrderBy(item => item.Key, StringComparer.Ordinal))
            {
                WriteValue(json, name, value);
            }

            json.WriteEndObject();
        }

        _lines.WriteLine(System.Text.Encoding.UTF8.GetString(line.ToArray()));
        _events.Write(step, values);
    }

    /// <summary>Closes both files.</summary>
    public void Dispose()
    {
        _lines.Dispose();
        _events.Dispose();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);   // JSON has no NaN
        }
    }

    private static void Truncate(string path, long lastStep)
    {
        if (!File.Exists(path))
        {
            return;
        }

        var kept = File.ReadLines(path).Where(line => StepOf(line) is { } step && step <= lastStep).ToArray();
        AtomicFile.Write(path, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            foreach (var line in kept)
            {
                writer.WriteLine(line);
            }
        });
    }

    /// <summary>Null for a line that a crash cut off.</summary>
    private static long? StepOf(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.GetProperty(StepName).GetInt64();
        }
        catch (Exception cut) when (cut is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
