using System.Net;

namespace PhysIntuition.Trainer.Study;

/// <summary>A run's curves and latest sample answers as one HTML page that needs neither script nor network.</summary>
public static class CurvePage
{
    private const string Style =
        "body{font:14px system-ui,sans-serif;margin:2em;color:#222}figure{display:inline-block;margin:0 1.5em 1.5em 0}"
        + "figcaption{font-weight:600}svg{max-width:100%;height:auto}";

    /// <summary>Reads metrics.jsonl and writes report.html beside it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <returns>The page's path.</returns>
    /// <exception cref="FileNotFoundException">The folder holds no metrics.jsonl.</exception>
    public static string Write(string folder)
    {
        var page = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
            .Append(WebUtility.HtmlEncode(Path.GetFileName(Path.GetFullPath(folder))))
            .Append($"</title><style>{Style}</style><h1>Training curves</h1>");
        foreach (var (name, points) in Read(Path.Combine(folder, "metrics.jsonl")))
        {
            AddFigure(page, name, points);
        }

        foreach (var sample in Sample.Latest(folder))
        {
            AddSample(page, sample);
        }

        var path = Path.Combine(folder, "report.html");
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page.Append("</html>\n").ToString())));
        return path;
    }

    private static SortedDictionary<string, List<ChartPoint>> Read(string path)
    {
        var curves = new SortedDictionary<string, List<ChartPoint>>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(path))
        {
            using var document = JsonDocument.Parse(line);
            var step = document.RootElement.GetProperty("step").GetDouble();
            foreach (var item in document.RootElement.EnumerateObject())
            {
                if (item.Name == "step" || item.Value.ValueKind != JsonValueKind.Number)
                {
                    continue;
                }

                if (!curves.TryGetValue(item.Name, out var points))
                {
                    curves[item.Name] = points = [];
                }

                points.Add(new ChartPoint(step, item.Value.GetDouble()));
            }
        }

        return curves;
    }

    private static void AddSample(StringBuilder page, Sample sample) => page.Append(CultureInfo.InvariantCulture,
        $"<figure><img alt=\"{WebUtility.HtmlEncode(sample.Prompt)}\" width=\"192\" "
        + $"src=\"data:image/png;base64,{Convert.ToBase64String(sample.Picture)}\"><figcaption>"
        + $"{sample.Task} {sample.Seed}: {sample.Reward:0.##}</figcaption>"
        + $"{WebUtility.HtmlEncode(string.Join("; ", sample.Answers))}<br>expert: "
        + $"{WebUtility.HtmlEncode(sample.Expert)}</figure>");

    private static void AddFigure(StringBuilder page, string name, List<ChartPoint> points) =>
        page.Append(CultureInfo.InvariantCulture,
            $"<figure><figcaption>{WebUtility.HtmlEncode(name)}: {points[^1].Y:0.####}</figcaption>"
            + $"{LineChart.Draw("step", name, [new ChartLine(name, points)])}</figure>");
}
