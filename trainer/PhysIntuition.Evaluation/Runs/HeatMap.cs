using System.Globalization;
using System.Net;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>A table of numbers with a coloured ground as SVG.</summary>
public static class HeatMap
{
    private const int CellWidth = 62, CellHeight = 22, LabelWidth = 170, HeadHeight = 130;

    /// <summary>Draws cells; blue is 1, white 0, red below.</summary>
    /// <param name="rows">Names of the rows.</param>
    /// <param name="columns">Names of the columns.</param>
    /// <param name="cell">What stands in a cell, and its colour's number; null: nothing.</param>
    public static string Draw(
        IReadOnlyList<string> rows, IReadOnlyList<string> columns,
        Func<string, string, (string Text, double Level)?> cell)
    {
        var svg = new StringBuilder();
        var (width, height) = (LabelWidth + (columns.Count * CellWidth), HeadHeight + (rows.Count * CellHeight));
        svg.Append(Svg.Open(width + 60, height));
        for (var column = 0; column < columns.Count; column++)
        {
            var x = LabelWidth + (column * CellWidth) + (CellWidth / 2);
            svg.Append(Invariant($"<text transform=\"translate({x},{HeadHeight - 6}) rotate(-50)\">"))
                .Append(WebUtility.HtmlEncode(columns[column])).Append("</text>");
        }

        for (var row = 0; row < rows.Count; row++)
        {
            var y = HeadHeight + (row * CellHeight);
            svg.Append(Invariant($"<text x=\"0\" y=\"{y + 15}\">{WebUtility.HtmlEncode(rows[row])}</text>"));
            for (var column = 0; column < columns.Count; column++)
            {
                if (cell(rows[row], columns[column]) is { } content)
                {
                    AddCell(svg, LabelWidth + (column * CellWidth), y, content.Text, content.Level);
                }
            }
        }

        return svg.Append("</svg>").ToString();
    }

    private static void AddCell(StringBuilder svg, int x, int y, string text, double level)
    {
        var share = Math.Clamp(Math.Abs(level), 0, 1) * 0.6;   // dark text stays readable
        var (red, green, blue) = level < 0 ? (200, 60, 40) : (36, 87, 166);
        byte Mix(int channel) => (byte)(255 + (share * (channel - 255)));
        var ground = Invariant($"rgb({Mix(red)},{Mix(green)},{Mix(blue)})");
        svg.Append(Invariant($"<rect x=\"{x}\" y=\"{y}\" width=\"{CellWidth - 1}\" height=\"{CellHeight - 1}\""))
            .Append(Invariant($" fill=\"{ground}\"/>"))
            .Append(Invariant($"<text x=\"{x + (CellWidth / 2)}\" y=\"{y + 15}\" text-anchor=\"middle\">"))
            .Append(WebUtility.HtmlEncode(text)).Append("</text>");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>What all drawings begin with.</summary>
public static class Svg
{
    /// <summary>The opening tag of a drawing of so many pixels.</summary>
    public static string Open(int width, int height) =>
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" "
        + $"viewBox=\"0 0 {width} {height}\" role=\"img\" font-family=\"sans-serif\" font-size=\"11\">";
}
