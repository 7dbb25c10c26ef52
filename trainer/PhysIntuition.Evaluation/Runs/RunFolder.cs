using System.Security.Cryptography;
using System.Text.Encodings.Web;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>What a run leaves: run.json, samples.jsonl, pictures, tables and a page.</summary>
/// <remarks>A sample is a line that is flushed when it is whole, so that a process that dies loses what was in flight
/// and nothing else.</remarks>
public sealed class RunFolder : IDisposable
{
    private const string PlanFile = "run.json", SamplesFile = "samples.jsonl", Pictures = "pictures";

    private readonly Lock _gate = new();
    private readonly Dictionary<SampleKey, EvaluationSample> _samples = [];
    private readonly FileStream _lines;

    private RunFolder(string path)
    {
        Path = path;
        Directory.CreateDirectory(System.IO.Path.Combine(path, Pictures));
        foreach (var sample in Read(path))
        {
            _samples[sample.Key] = sample;   // a later line replaces an earlier one of the same scene
        }

        WriteSamples(path, _samples.Values);
        _lines = new FileStream(
            System.IO.Path.Combine(path, SamplesFile), FileMode.Append, FileAccess.Write, FileShare.Read);
    }

    /// <summary>snake_case, enums as words, text as it is.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>The folder's path.</summary>
    public string Path { get; }

    /// <summary>All samples, in the order of their keys.</summary>
    public IReadOnlyList<EvaluationSample> Samples
    {
        get
        {
            lock (_gate)
            {
                return Ordered(_samples.Values);
            }
        }
    }

    /// <summary>Begins a run, or goes on with the one that is there.</summary>
    /// <param name="path">The folder; made where it is absent.</param>
    /// <param name="plan">What is asked.</param>
    /// <param name="resumes">Whether a run may be there.</param>
    /// <exception cref="ArgumentException">It holds something else, or a run with other options.</exception>
    public static RunFolder Open(string path, EvaluationPlan plan, bool resumes)
    {
        var file = System.IO.Path.Combine(path, PlanFile);
        var wanted = JsonSerializer.SerializeToNode(plan, Json)!.AsObject();
        if (File.Exists(file))
        {
            var begun = JsonNode.Parse(File.ReadAllText(file))!["plan"]!.AsObject();
            string[] free = ["generation", "cost_limit"];   // how requests travel may change
            string[] others = [.. wanted.Select(item => item.Key).Except(free)
                .Where(name => !JsonNode.DeepEquals(begun[name], wanted[name]))];
            if (!resumes || others.Length > 0)
            {
                throw new ArgumentException(others.Length > 0
                    ? $"{path} holds a run with other options: {string.Join(", ", others.Select(name =>
                        $"{name} was {begun[name]?.ToJsonString()} and is {wanted[name]?.ToJsonString()}"))}. "
                        + "Give another --out."
                    : $"{path} holds this run already. Add --resume to go on with it, or give another --out.");
            }
        }
        else if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
        {
            throw new ArgumentException($"{path} holds other files. Give a folder that is empty or new.");
        }

        Directory.CreateDirectory(path);
        WriteText(path, PlanFile, JsonSerializer.Serialize(new RunManifest(
            "physintuition-evaluation-1", typeof(RunFolder).Assembly.GetName().Version!.ToString(3), plan),
            new JsonSerializerOptions(Json) { WriteIndented = true }) + "\n");
        return new RunFolder(path);
    }

    /// <summary>The samples of a folder; a line that a crash cut is left out.</summary>
    public static IReadOnlyList<EvaluationSample> Read(string path)
    {
        var file = System.IO.Path.Combine(path, SamplesFile);
        return !File.Exists(file) ? [] : [.. File.ReadLines(file).Select(Parse).OfType<EvaluationSample>()];

        static EvaluationSample? Parse(string line)
        {
            try
            {
                return JsonSerializer.Deserialize<EvaluationSample>(line, Json);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }

    /// <summary>Whether an answer to a scene is there.</summary>
    public bool IsDelivered(SampleKey key)
    {
        lock (_gate)
        {
            return _samples.TryGetValue(key, out var sample) && sample.Outcome != SampleOutcome.Undelivered;
        }
    }

    /// <summary>Adds a sample.</summary>
    public void Add(EvaluationSample sample)
    {
        var line = Encoding.UTF8.GetBytes(Line(sample));
        lock (_gate)
        {
            _samples[sample.Key] = sample;
            _lines.Write(line);
            _lines.Flush();
        }
    }

    /// <summary>Keeps a picture.</summary>
    /// <returns>Its place in the folder.</returns>
    public string AddPicture(ReadOnlyMemory<byte> png) => AddPicture(Path, png);

    /// <summary>Keeps a picture in a folder.</summary>
    /// <returns>Its place there.</returns>
    internal static string AddPicture(string folder, ReadOnlyMemory<byte> png)
    {
        var name = $"{Pictures}/{Convert.ToHexStringLower(SHA256.HashData(png.Span))}.png";
        var path = System.IO.Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            // A new file: one that is cut to nothing first is sent to the disk when it is closed.
            var unfinished = $"{path}.{Guid.NewGuid():N}";
            using (var file = File.OpenHandle(unfinished, FileMode.CreateNew, FileAccess.Write))
            {
                RandomAccess.Write(file, png.Span, fileOffset: 0);
            }

            File.Move(unfinished, path, overwrite: true);
        }

        return name;
    }

    /// <summary>Replaces all samples of a folder.</summary>
    public static void WriteSamples(string path, IEnumerable<EvaluationSample> samples) =>
        WriteText(path, SamplesFile, string.Concat(samples.Select(Line)));

    /// <summary>Writes a file of the folder whole or not at all.</summary>
    public static void WriteText(string folder, string name, string text)
    {
        var path = System.IO.Path.Combine(folder, name);
        File.WriteAllText(path + ".unfinished", text);
        File.Move(path + ".unfinished", path, overwrite: true);
    }

    /// <inheritdoc/>
    public void Dispose() => _lines.Dispose();

    private static string Line(EvaluationSample sample) => JsonSerializer.Serialize(sample, Json) + "\n";

    /// <summary>By model, task, split, examples, seed and repeat.</summary>
    public static IReadOnlyList<EvaluationSample> Ordered(IEnumerable<EvaluationSample> samples) =>
        [.. samples.OrderBy(sample => sample.Key.Model, StringComparer.Ordinal)
            .ThenBy(sample => sample.Key.Task, StringComparer.Ordinal)
            .ThenBy(sample => sample.Key.Split, StringComparer.Ordinal)
            .ThenBy(sample => sample.Key.Examples).ThenBy(sample => sample.Key.Seed)
            .ThenBy(sample => sample.Key.Repeat)];
}
