using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;

namespace PhysIntuition.Benchmarks.Reports;

/// <summary>Collects the named results of one run; prints them and writes them as JSON.</summary>
internal sealed class Figures
{
    private readonly List<Figure> _figures = [];

    /// <summary>Whether no figure misses its mark.</summary>
    public bool AllMarksReached => _figures.TrueForAll(figure => figure.IsReached);

    /// <summary>Everything collected, in order.</summary>
    public IReadOnlyList<Figure> All => _figures;

    /// <summary>Adds one number.</summary>
    public void Add(string name, double value, string unit = "", Mark? mark = null) =>
        Add(new Figure(name, value, unit) { Mark = mark });

    /// <summary>Adds the median of samples; least and most are kept beside it.</summary>
    public void AddMedian(string name, IReadOnlyCollection<double> samples, string unit = "", Mark? mark = null) =>
        Add(new Figure(name, Statistics.Median(samples), unit) { Mark = mark, Samples = [.. samples] });

    /// <summary>Adds a text: a hash, a name, a verdict.</summary>
    public void Add(string name, string text) => Add(new Figure(name, double.NaN, "") { Text = text });

    /// <summary>The value of a figure already added.</summary>
    public double this[string name] => _figures.Single(figure => figure.Name == name).Value;

    /// <summary>Name, value, unit, spread and mark as aligned columns.</summary>
    public string ToTable() =>
        Table.Write([["figure", "value", "unit", "least .. most", "mark"], .. _figures.Select(Cells)]);

    /// <summary>Writes the JSON file; readers see the old file or the whole new one, never a part.</summary>
    public void Save(string path, string command)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        var partial = $"{path}.{Environment.ProcessId}.partial";
        File.WriteAllBytes(partial, ToJson(command));
        File.Move(partial, path, overwrite: true);
    }

    /// <summary>Figures by name, spread as [least, most, count], missed marks, machine, date, command.</summary>
    public byte[] ToJson(string command)
    {
        var document = new Dictionary<string, object>
        {
            ["figures"] = _figures.ToDictionary(figure => figure.Name, JsonValue),
            ["spread"] = _figures.Where(figure => figure.Samples.Length > 1).ToDictionary(
                figure => figure.Name,
                figure => new[] { figure.Samples.Min(), figure.Samples.Max(), figure.Samples.Length }),
            ["missed"] = _figures.Where(figure => !figure.IsReached).Select(figure => figure.Name).ToArray(),
            ["machine"] = Machine.Describe(),
            ["date"] = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            ["command"] = command,
        };
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, s_json), (byte)'\n'];
    }

    private static readonly JsonSerializerOptions s_json = new() { WriteIndented = true };

    private void Add(Figure figure)
    {
        if (_figures.Exists(other => other.Name == figure.Name))
        {
            throw new ArgumentException($"Figure '{figure.Name}' was added twice; names are unique in a run.");
        }

        _figures.Add(figure);
    }

    // JSON has no NaN: a figure that could not be measured is null.
    private static object? JsonValue(Figure figure) =>
        figure.Text ?? (double.IsFinite(figure.Value) ? (object)Rounded(figure.Value) : null);

    // Six significant digits: more would only be noise in the committed results.
    private static double Rounded(double value) =>
        double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string[] Cells(Figure figure) =>
    [
        figure.Name,
        figure.Text ?? Format(figure.Value),
        figure.Unit,
        figure.Samples.Length > 1 ? $"{Format(figure.Samples.Min())} .. {Format(figure.Samples.Max())}" : "",
        figure.Mark is not { } mark
            ? ""
            : Sign(mark.Relation) + Format(mark.Value) + (figure.IsReached ? "" : "  MISSED"),
    ];

    private static string Sign(Relation relation) => relation == Relation.AtLeast ? ">= " : "<= ";

    private static string Format(double value) => value.ToString("G5", CultureInfo.InvariantCulture);
}

/// <summary>What a figure should reach.</summary>
/// <param name="Relation">At least or at most.</param>
/// <param name="Value">In the figure's unit.</param>
internal readonly record struct Mark(Relation Relation, double Value)
{
    /// <summary>The figure should be this large or larger.</summary>
    public static Mark AtLeast(double value) => new(Relation.AtLeast, value);

    /// <summary>The figure should be this small or smaller.</summary>
    public static Mark AtMost(double value) => new(Relation.AtMost, value);

    /// <summary>Whether a value reaches the mark; NaN never does.</summary>
    public bool IsReachedBy(double value) => Relation == Relation.AtLeast ? value >= Value : value <= Value;
}

/// <summary>Which side of a mark is good.</summary>
internal enum Relation
{
    /// <summary>Larger is better.</summary>
    AtLeast,

    /// <summary>Smaller is better.</summary>
    AtMost,
}

/// <summary>One named result.</summary>
/// <param name="Name">Lower case with underscores; unique in its run.</param>
/// <param name="Value">The number, or the median of the samples; NaN where the figure is a text.</param>
/// <param name="Unit">SI, or "x" for a ratio.</param>
internal sealed record Figure(string Name, double Value, string Unit)
{
    /// <summary>A hash or a word in place of a number.</summary>
    public string? Text { get; init; }

    /// <summary>What it should reach, if anything.</summary>
    public Mark? Mark { get; init; }

    /// <summary>Every sample behind the median, in the order measured.</summary>
    public double[] Samples { get; init; } = [];

    /// <summary>Whether the mark is reached; true without a mark.</summary>
    public bool IsReached => Mark is not { } mark || mark.IsReachedBy(Value);
}

/// <summary>Says on what the figures were measured.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, widest vectors in use, runtime and system in one line.</summary>
    public static string Describe() =>
        $"{Environment.ProcessorCount}-core {Processor()}, {VectorBits()}-bit vectors, "
        + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";

    private static string Processor()
    {
        const string cpuinfo = "/proc/cpuinfo";
        var line = File.Exists(cpuinfo)
            ? File.ReadLines(cpuinfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static int VectorBits() =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 32;
}
