using System.Text;

namespace PhysIntuition.Benchmarks.Reports;

/// <summary>Cells as aligned columns.</summary>
internal static class Table
{
    /// <summary>One line for each row; the columns are as wide as their widest cell.</summary>
    public static string Write(IReadOnlyList<string[]> rows)
    {
        var widths = rows[0].Select((_, column) => rows.Max(row => row[column].Length)).ToArray();
        var table = new StringBuilder();
        foreach (var row in rows)
        {
            table.AppendLine(string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd());
        }

        return table.ToString();
    }
}
