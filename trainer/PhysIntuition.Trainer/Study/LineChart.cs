using System.Net;

namespace PhysIntuition.Trainer.Study;

/// <summary>A point of a line.</summary>
/// <param name="X">Where it stands on the horizontal axis.</param>
/// <param name="Y">Its value.</param>
/// <param name="Half">Half of the value's 95 % interval; 0: none is drawn.</param>
internal readonly record struct ChartPoint(double X, double Y, double Half = 0);

/// <summary>A line of a chart.</summary>
/// <param name="Name">What the key calls it.</param>
/// <param name="Points">In the order of X, at least one of them finite.</param>
internal sealed record ChartLine(string Name, IReadOnlyList<ChartPoint> Points);

/// <summary>Lines over one axis as SVG.</summary>
internal static class LineChart
{
    private const int Left = 58, Top = 24, PlotWidth = 430, PlotHeight = 190, Foot = 40, KeyHeight = 16;
    private const int MostMarks = 12, FewestToSmooth = 60;

    private static readonly string[] s_colors =
        ["#2457a6", "#b5541c", "#3a7d34", "#8a3d8f", "#6b6b6b", "#b08900", "#168a8a", "#a02c4c"];

    // Where two lines lie upon one another, the gaps of the upper show the lower.
    private static readonly string[] s_dashes = ["none", "7 3", "2 3"];

    /// <summary>Draws lines with axes; one line needs no key.</summary>
    /// <param name="axis">What the horizontal axis counts.</param>
    /// <param name="quantity">What the vertical axis shows.</param>
    /// <param name="lines">At least one.</param>
    public static string Draw(string axis, string quantity, IReadOnlyList<ChartLine> lines)
    {
        ChartLine[] finite = [.. lines.Select(line => line with
            { Points = [.. line.Points.Where(point => double.IsFinite(point.Y))] })];
        var points = finite.SelectMany(line => line.Points).ToArray();
        var x = ChartAxis.Exactly(points.Min(point => point.X), points.Max(point => point.X));
        var y = ChartAxis.Around(
            points.Min(point => point.Y - point.Half), points.Max(point => point.Y + point.Half));
        var key = lines.Count > 1 ? KeyHeight * lines.Count : 0;
        var svg = new StringBuilder(Svg.Open(Left + PlotWidth + 14, Top + PlotHeight + Foot + key))
            .Append("<title>").Append(Encode($"{quantity} over {axis}"))
            .Append("</title><rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>");
        AddAxes(svg, x, y, axis, quantity);
        for (var i = 0; i < finite.Length; i++)
        {
            AddLine(svg, x, y, finite[i].Points, i);
            if (lines.Count > 1)
            {
                AddKey(svg, finite[i].Name, i);
            }
        }

        return svg.Append("</svg>").ToString();
    }

    private static void AddAxes(StringBuilder svg, ChartAxis x, ChartAxis y, string axis, string quantity)
    {
        foreach (var tick in y.Ticks())
        {
            var at = Row(y, tick);
            svg.Append(Invariant($"<path d=\"M{Left} {at:0.#}h{PlotWidth}\" stroke=\"#e4e4e0\"/>"))
                .Append(Invariant($"<text x=\"{Left - 6}\" y=\"{at + 4:0.#}\" fill=\"#555\" text-anchor=\"end\">"))
                .Append(Invariant($"{y.Text(tick)}</text>"));
        }

        foreach (var tick in x.Ticks())
        {
            var at = Column(x, tick);
            svg.Append(Invariant($"<path d=\"M{at:0.#} {Top + PlotHeight}v4\" stroke=\"#888\"/>"))
                .Append(Invariant($"<text x=\"{at:0.#}\" y=\"{Top + PlotHeight + 16}\" fill=\"#555\""))
                .Append(Invariant($" text-anchor=\"middle\">{x.Text(tick)}</text>"));
        }

        svg.Append(Invariant($"<path d=\"M{Left} {Top + PlotHeight}h{PlotWidth}\" stroke=\"#888\"/>"))
            .Append(Invariant($"<text x=\"{Left - 6}\" y=\"13\" fill=\"#222\">{Encode(quantity)}</text>"))
            .Append(Invariant($"<text x=\"{Left + PlotWidth}\" y=\"{Top + PlotHeight + 31}\" fill=\"#222\""))
            .Append(Invariant($" text-anchor=\"end\">{Encode(axis)}</text>"));
    }

    private static void AddLine(StringBuilder svg, ChartAxis x, ChartAxis y, IReadOnlyList<ChartPoint> points, int i)
    {
        var color = s_colors[i % s_colors.Length];
        var isSmoothed = points.Count >= FewestToSmooth;
        AddPath(svg, x, y, points, isSmoothed
            ? $"stroke=\"{color}\" stroke-opacity=\".3\""
            : $"stroke=\"{color}\" stroke-width=\"1.8\" stroke-dasharray=\"{Dash(i)}\"");
        if (isSmoothed)
        {
            AddPath(svg, x, y, Smooth(points), $"stroke=\"{color}\" stroke-width=\"2\"");
        }

        foreach (var point in points.Count <= MostMarks ? points : [])
        {
            var (column, row) = (Column(x, point.X), Row(y, point.Y));
            svg.Append(Invariant($"<circle cx=\"{column:0.#}\" cy=\"{row:0.#}\" r=\"2.6\" fill=\"{color}\"/>"));
            if (point.Half > 0)
            {
                var (top, bottom) = (Row(y, point.Y + point.Half), Row(y, point.Y - point.Half));
                var path = Invariant($"M{column:0.#} {top:0.#}V{bottom:0.#}m-3 0h6m0 {top - bottom:0.#}h-6");
                svg.Append(Invariant($"<path d=\"{path}\" fill=\"none\" stroke=\"{color}\" stroke-opacity=\".6\"/>"));
            }
        }
    }

    private static void AddPath(
        StringBuilder svg, ChartAxis x, ChartAxis y, IReadOnlyList<ChartPoint> points, string stroke)
    {
        var path = string.Join(' ', points.Select(point =>
            Invariant($"{Column(x, point.X):0.#},{Row(y, point.Y):0.#}")));
        svg.Append(Invariant($"<polyline points=\"{path}\" fill=\"none\" {stroke}/>"));
    }

    private static void AddKey(StringBuilder svg, string name, int i)
    {
        var y = Top + PlotHeight + Foot + (KeyHeight * i) + 6;
        var color = s_colors[i % s_colors.Length];
        svg.Append(Invariant($"<path d=\"M{Left} {y}h26\" stroke=\"{color}\" stroke-width=\"2\""))
            .Append(Invariant($" stroke-dasharray=\"{Dash(i)}\"/><text x=\"{Left + 34}\" y=\"{y + 4}\" fill=\"#222\">"))
            .Append(Invariant($"{Encode(name)}</text>"));
    }

    // The mean of a window that is a twentieth of the line wide: rewards of single steps hide the trend.
    private static ChartPoint[] Smooth(IReadOnlyList<ChartPoint> points)
    {
        var half = points.Count / 40;
        return [.. Enumerable.Range(0, points.Count).Select(i =>
        {
            var (from, to) = (Math.Max(0, i - half), Math.Min(points.Count - 1, i + half));
            return points[i] with { Y = Enumerable.Range(from, to - from + 1).Average(k => points[k].Y) };
        })];
    }

    private static string Dash(int i) => s_dashes[i % s_dashes.Length];

    private static double Column(ChartAxis x, double value) => Left + (x.Share(value) * PlotWidth);

    private static double Row(ChartAxis y, double value) => Top + ((1 - y.Share(value)) * PlotHeight);

    private static string Encode(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A range of numbers with ticks at multiples of 1, 2 or 5 times a power of ten.</summary>
/// <param name="From">Where it begins.</param>
/// <param name="To">Where it ends; above <paramref name="From"/>.</param>
/// <param name="Step">From tick to tick.</param>
internal readonly record struct ChartAxis(double From, double To, double Step)
{
    private const int Intervals = 5;

    /// <summary>An axis that ends where its numbers do.</summary>
    public static ChartAxis Exactly(double low, double high)
    {
        (low, high) = Widen(low, high);
        return new ChartAxis(low, high, NiceStep(high - low));
    }

    /// <summary>An axis that begins and ends at ticks.</summary>
    public static ChartAxis Around(double low, double high)
    {
        (low, high) = Widen(low, high);
        var step = NiceStep(high - low);
        return new ChartAxis(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }

    /// <summary>Where a number lies: 0 at the beginning, 1 at the end.</summary>
    public double Share(double value) => (value - From) / (To - From);

    /// <summary>The ticks within the axis.</summary>
    public IEnumerable<double> Ticks()
    {
        var first = Math.Ceiling((From / Step) - 1e-9);
        for (var i = first; i * Step <= To + (Step * 1e-9); i++)
        {
            yield return i * Step;
        }
    }

    /// <summary>A tick's number with as many places as the step needs.</summary>
    public string Text(double tick)
    {
        var places = Math.Clamp(-(int)Math.Floor(Math.Log10(Step) + 1e-9), 0, 12);
        var value = Math.Abs(tick) < Step / 2 ? 0 : tick; // neither -0 nor what summing left of it
        return value.ToString(Step is < 1e-6 or >= 1e6 ? "0.##e+0" : $"F{places}", CultureInfo.InvariantCulture);
    }

    // One number alone stands in the middle.
    private static (double Low, double High) Widen(double low, double high)
    {
        var room = Math.Abs(low) > 0 ? Math.Abs(low) / 2 : 0.5;
        return high > low ? (low, high) : (low - room, high + room);
    }

    private static double NiceStep(double span)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / Intervals)));
        return (span / Intervals / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }
}
