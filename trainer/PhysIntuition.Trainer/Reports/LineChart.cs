using System.Globalization;
using System.Net;
using System.Text;

namespace PhysIntuition.Trainer.Reports;

/// <summary>Lines over one axis as SVG.</summary>
internal static class LineChart
{
    private const int Width = 360, Height = 150, KeyHeight = 14;

    private static readonly string[] s_colors =
        ["#2457a6", "#b5541c", "#3a7d34", "#8a3d8f", "#6b6b6b", "#b08900", "#168a8a", "#a02c4c"];

    /// <summary>Draws lines; one line needs no key.</summary>
    /// <param name="axis">What the horizontal axis counts.</param>
    /// <param name="lines">Names and points, each in the order of its first numbers; none empty.</param>
    public static string Draw(
        string axis, IReadOnlyList<(string Name, IReadOnlyList<(double X, double Y)> Points)> lines)
    {
        var points = lines.SelectMany(line => line.Points).ToArray();
        var (left, right) = (points.Min(point => point.X), points.Max(point => point.X));
        var (low, high) = (points.Min(point => point.Y), points.Max(point => point.Y));
        var height = Height + (lines.Count > 1 ? KeyHeight * lines.Count : 0);
        var svg = new StringBuilder(Svg.Open(Width, height));
        for (var i = 0; i < lines.Count; i++)
        {
            var color = s_colors[i % s_colors.Length];
            var path = string.Join(' ', lines[i].Points.Select(point => Invariant(
                $"{Scale(point.X, left, right) * Width:0.#},{Scale(-point.Y, -high, -low) * Height:0.#}")));
            svg.Append($"<polyline points=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"1.5\"/>");
            if (lines.Count > 1)
            {
                svg.Append(Invariant($"<text x=\"4\" y=\"{Height + (KeyHeight * (i + 1)) - 3}\" fill=\"{color}\">"))
                    .Append(WebUtility.HtmlEncode(Invariant($"{lines[i].Name}: {lines[i].Points[^1].Y:0.###}")))
                    .Append("</text>");
            }
        }

        return svg.Append(Invariant($"<text x=\"4\" y=\"12\" fill=\"#555\">{high:0.####}</text>"))
            .Append(Invariant($"<text x=\"4\" y=\"{Height - 4}\" fill=\"#555\">{low:0.####}</text>"))
            .Append(Invariant($"<text x=\"{Width - 4}\" y=\"{Height - 4}\" fill=\"#555\" text-anchor=\"end\">"))
            .Append(Invariant($"{WebUtility.HtmlEncode(axis)} {right:0.###}</text></svg>")).ToString();
    }

    private static double Scale(double value, double from, double to) => to > from ? (value - from) / (to - from) : 0.5;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
