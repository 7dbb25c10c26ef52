using System.Text.Json;

namespace PhysIntuition.Benchmarks.Leaks;

/// <summary>What was measured task by task, kept in a file so that a long bench can be run in pieces.</summary>
internal sealed class TaskNumbers
{
    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private readonly string? _path;
    private readonly SortedDictionary<string, Entry> _tasks = new(StringComparer.Ordinal);

    /// <summary>Reads what earlier pieces have measured.</summary>
    /// <param name="path">Of the file, which need not be there yet; null: nothing is kept.</param>
    public TaskNumbers(string? path)
    {
        _path = path;
        if (File.Exists(path))
        {
            var read = JsonSerializer.Deserialize<Dictionary<string, Entry>>(File.ReadAllBytes(path));
            _tasks = new(read!, StringComparer.Ordinal);
        }
    }

    /// <summary>Whether a task was measured.</summary>
    public bool Has(string task) => _tasks.ContainsKey(task);

    /// <summary>Adds the numbers of a task, and writes the file.</summary>
    public void Add(string task, Probes probes)
    {
        var numbers = probes.Results(out var constant, task);
        _tasks[task] = new(constant,
            [.. numbers.Select(probe => new Number(probe.Name, probe.Auc.Value, probe.Auc.Error, probe.Auc.Count))]);
        if (_path is not null)
        {
            var partial = $"{_path}.{Environment.ProcessId}.partial";
            File.WriteAllBytes(partial, JsonSerializer.SerializeToUtf8Bytes(_tasks, s_json));
            File.Move(partial, _path, overwrite: true);
        }
    }

    /// <summary>The numbers of some tasks, all of which were measured.</summary>
    /// <param name="tasks">Ids.</param>
    /// <param name="constant">How many others never change.</param>
    public IReadOnlyList<Probe> Of(IEnumerable<string> tasks, out int constant)
    {
        var probes = new List<Probe>();
        constant = 0;
        foreach (var task in tasks)
        {
            constant += _tasks[task].NeverChange;
            probes.AddRange(_tasks[task].Numbers.Select(number =>
                new Probe(task, number.Name, new Auc(number.Area, number.Error, number.Count))));
        }

        return probes;
    }

    private sealed record Entry(int NeverChange, IReadOnlyList<Number> Numbers);

    private sealed record Number(string Name, double Area, double Error, int Count);
}
