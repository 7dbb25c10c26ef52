using System.Globalization;
using System.Text.Json;

namespace PhysIntuition.Benchmarks.Reports;

/// <summary>The figures of this build and of a baseline, measured in turn.</summary>
internal sealed class Comparison
{
    private readonly List<string> _names = [];
    private readonly List<IReadOnlyDictionary<string, object>> _here = [];
    private readonly List<IReadOnlyDictionary<string, object>> _baseline = [];

    /// <summary>Adds what both measured in one turn.</summary>
    public void Add(IReadOnlyDictionary<string, object> here, IReadOnlyDictionary<string, object> baseline)
    {
        _here.Add(here);
        _baseline.Add(baseline);
        _names.AddRange(here.Keys.Concat(baseline.Keys).Except(_names));
    }

    /// <summary>A row for each figure that either has, in the order in which they first came.</summary>
    public IReadOnlyList<ComparedFigure> Rows => [.. _names.Select(RowOf)];

    /// <summary>Numbers and texts of a file that a bench wrote; what could not be measured is left out.</summary>
    /// <exception cref="JsonException">It is no such file.</exception>
    public static IReadOnlyDictionary<string, object> Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object ||
            !document.RootElement.TryGetProperty("figures", out var figures) ||
            figures.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("The file has no object 'figures'; a bench of another kind wrote it.");
        }

        var read = new Dictionary<string, object>();
        foreach (var figure in figures.EnumerateObject())
        {
            if (figure.Value.ValueKind == JsonValueKind.Number)
            {
                read.Add(figure.Name, figure.Value.GetDouble());
            }
            else if (figure.Value.GetString() is { } text)
            {
                read.Add(figure.Name, text);
            }
        }

        return read;
    }

    /// <summary>Medians, ratios and their spread as aligned columns.</summary>
    public string ToTable() => Table.Write(
    [
        ["figure", "here", "baseline", "ratio", "least .. most"],
        .. Rows.Select(row => new[]
        {
            row.Name, Show(row.HereText, row.Here), Show(row.BaselineText, row.Baseline), Ratio(row),
            row.Ratios.Length > 1 ? $"{Short(row.Ratios.Min())} .. {Short(row.Ratios.Max())}" : "",
        }),
    ]);

    /// <summary>As figures, so that the file reads as every other: NAME, NAME_baseline, NAME_ratio.</summary>
    public Figures ToFigures()
    {
        var figures = new Figures();
        foreach (var row in Rows)
        {
            if (row.HereText is not null || row.BaselineText is not null)
            {
                figures.Add(row.Name, row.HereText ?? "");
                figures.Add($"{row.Name}_baseline", row.BaselineText ?? "");
                continue;
            }

            figures.AddMedian(row.Name, row.Here);
            figures.AddMedian($"{row.Name}_baseline", row.Baseline);
            figures.AddMedian($"{row.Name}_ratio", row.Ratios, "x");
        }

        return figures;
    }

    private ComparedFigure RowOf(string name)
    {
        var ratios = new List<double>();
        for (var turn = 0; turn < _here.Count; turn++)
        {
            if (Number(_here[turn], name) is { } here && Number(_baseline[turn], name) is { } baseline)
            {
                ratios.Add(here == baseline ? 1 : here / baseline);   // 0 of 0 is no change
            }
        }

        return new ComparedFigure(name, Numbers(_here, name), Numbers(_baseline, name), [.. ratios])
        {
            HereText = Text(_here, name),
            BaselineText = Text(_baseline, name),
        };
    }

    private static double[] Numbers(List<IReadOnlyDictionary<string, object>> turns, string name) =>
        [.. turns.Select(figures => Number(figures, name)).OfType<double>()];

    private static double? Number(IReadOnlyDictionary<string, object> figures, string name) =>
        figures.TryGetValue(name, out var value) && value is double number ? number : null;

    private static string? Text(List<IReadOnlyDictionary<string, object>> turns, string name) =>
        turns.Select(figures => figures.GetValueOrDefault(name) as string).LastOrDefault(text => text is not null);

    private static string Show(string? text, double[] numbers) =>
        text ?? (numbers.Length == 0 ? "-" : Short(Statistics.Median(numbers)));

    private static string Ratio(ComparedFigure row) =>
        row.Ratios.Length > 0 ? Short(row.Ratio)
        : row.HereText is not null && row.BaselineText is not null
            ? row.HereText == row.BaselineText ? "same" : "differs"
            : "-";

    private static string Short(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

/// <summary>One figure of both builds.</summary>
/// <param name="Name">As the bench has it.</param>
/// <param name="Here">This build's, one for each turn; empty: it has none.</param>
/// <param name="Baseline">The baseline's.</param>
/// <param name="Ratios">Here over baseline, turn by turn.</param>
internal sealed record ComparedFigure(string Name, double[] Here, double[] Baseline, double[] Ratios)
{
    /// <summary>The median of the ratios: a slow minute of the machine hits both sides of each.</summary>
    public double Ratio => Statistics.Median(Ratios);

    /// <summary>A hash or a word in place of numbers.</summary>
    public string? HereText { get; init; }

    /// <inheritdoc cref="HereText"/>
    public string? BaselineText { get; init; }
}
