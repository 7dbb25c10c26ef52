namespace PhysIntuition.Environments.Observations;

/// <summary>Reads labels.csv: a header with the columns image and falls, then a row for each picture.</summary>
/// <remarks>
/// As people and spreadsheets write it: commas, semicolons or tabs; cells in quotes; 0 and 1, true and false, yes and
/// no in any case; further columns, empty rows, a byte order mark. Rows that contradict each other are refused.
/// </remarks>
internal static class LabelFile
{
    /// <summary>The label of each file.</summary>
    /// <exception cref="InvalidDataException">A row cannot be read or contradicts another, or one lacks.</exception>
    public static bool[] Read(string path, IReadOnlyList<string> files)
    {
        var rows = Parse(File.ReadAllText(path).ReplaceLineEndings("\n"));
        string[] columns = [.. rows.FirstOrDefault().Cells?.Select(cell => cell.ToLowerInvariant()) ?? []];
        var (image, falls) = (Array.IndexOf(columns, "image"), Array.IndexOf(columns, "falls"));
        if (image < 0 || falls < 0)
        {
            throw new InvalidDataException("labels.csv lacks the columns image and falls");
        }

        var labels = new Dictionary<string, (bool Falls, int Line)>(StringComparer.Ordinal);
        foreach (var (line, cells) in rows.Skip(1))
        {
            var label = cells.Count > Math.Max(image, falls) ? LabelOf(cells[falls]) : null;
            if (label is not { } value)
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"labels.csv has in line {line} '{string.Join(", ", cells)}' and no 0 or 1 under falls"));
            }

            if (labels.TryGetValue(cells[image], out var before) && before.Falls != value)
            {
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture,
                    $"labels.csv says both 0 and 1 of {cells[image]}, in lines {before.Line} and {line}; delete one"));
            }

            labels.TryAdd(cells[image], (value, line));
        }

        return [.. files.Select(Path.GetFileName).Select(file => labels.TryGetValue(file!, out var label)
            ? label.Falls
            : throw new InvalidDataException($"labels.csv lacks {file}"))];
    }

    private static bool? LabelOf(string cell) => cell.ToLowerInvariant() switch
    {
        "1" or "1.0" or "true" or "yes" => true,
        "0" or "0.0" or "false" or "no" => false,
        _ => null,
    };

    // RFC 4180, with whichever separator the first line has.
    private static List<(int Line, List<string> Cells)> Parse(string text)
    {
        var header = text.AsSpan(0, text.AsSpan().IndexOf('\n') is var end and >= 0 ? end : text.Length);
        var separator = header.Contains(',') ? ',' : header.Contains(';') ? ';' : '\t';
        var (rows, cells, cell) = (new List<(int, List<string>)>(), new List<string>(), new StringBuilder());
        var (line, isQuoted) = (1, false);
        for (var i = 0; i <= text.Length; i++)
        {
            var letter = i < text.Length ? text[i] : '\n';
            if (letter == '"')
            {
                isQuoted = !isQuoted;
                cell.Append(isQuoted && i > 0 && text[i - 1] == '"' ? "\"" : "");   // two are one
            }
            else if (isQuoted && i < text.Length)
            {
                cell.Append(letter);
            }
            else if (letter == separator || letter == '\n')
            {
                cells.Add(cell.ToString().Trim());
                cell.Clear();
            }
            else
            {
                cell.Append(letter);
            }

            if (letter == '\n' && !isQuoted)
            {
                rows.AddRange(cells.Exists(text => text.Length > 0) ? [(line, cells)] : []);
                cells = [];
            }

            line += letter == '\n' ? 1 : 0;
        }

        return isQuoted ? throw new InvalidDataException("labels.csv has a quote that does not end") : rows;
    }
}
