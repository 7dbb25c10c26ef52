using System.Globalization;
using System.Net;
using PhysIntuition.Rendering;

namespace PhysIntuition.Evaluation.Play;

/// <summary>The page that the demo leaves: scores and pictures, without script and without the network.</summary>
internal static class DemoPage
{
    private const string Style = """
        :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 20%, transparent) }
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
        table { border-collapse: collapse; width: 100% }
        caption { text-align: left; padding-bottom: .5rem }
        th, td { text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid var(--line) }
        td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
        img { max-width: 100%; border-radius: 6px }
        pre { overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: 6px }
        """;

    /// <summary>Writes the page beside the sheet.</summary>
    public static void Write(string file, IReadOnlyList<AgentResult> results, string sheet, string facts)
    {
        var page = new StringBuilder();
        page.AppendLine("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
        page.AppendLine("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
        page.AppendLine("<title>PhysIntuition: demonstration</title>");
        page.AppendLine(CultureInfo.InvariantCulture, $"<style>{Style}</style>");
        page.AppendLine("<h1>PhysIntuition: demonstration</h1>");
        page.AppendLine(CultureInfo.InvariantCulture, $"<p>{WebUtility.HtmlEncode(facts)}</p>");
        AppendTable(page, results);
        page.AppendLine("<h2>Before, after, verdict</h2>");
        page.AppendLine(CultureInfo.InvariantCulture,
            $"<img src=\"{sheet}\" alt=\"Scenes before and after, each with its verdict\">");
        page.AppendLine("<h2>Try next</h2>");
        page.AppendLine(CultureInfo.InvariantCulture, $"<pre>{WebUtility.HtmlEncode(TryNext)}</pre></html>");
        File.WriteAllText(file, page.ToString());
    }

    /// <summary>What a newcomer may do after the demo.</summary>
    public const string TryNext = """
        ./physintuition play Stability-v1      judge towers yourself
        ./physintuition tasks                  all tasks
        ./physintuition serve                  a server for your own code; README.md shows Python and C#
        ./physintuition leaderboard list --folder demo-output/leaderboard
                                               the leaderboard that the scripted players filled
        ./physintuition test                   the tests
        """;

    private static void AppendTable(StringBuilder page, IReadOnlyList<AgentResult> results)
    {
        page.AppendLine("<table><caption>Mean reward with its 95 % interval</caption><thead><tr>");
        page.AppendLine("<th>Task<th>Agent<th>Client<th class=\"number\">Episodes<th class=\"number\">Mean reward");
        page.AppendLine("<th class=\"number\">95 % interval</tr></thead><tbody>");
        foreach (var result in results)
        {
            var score = result.Score;
            page.AppendLine(CultureInfo.InvariantCulture, $"""
                <tr><td>{result.Task}<td>{result.Agent}<td>{result.Client}<td class="number">{score.Count}
                <td class="number">{score.Mean:F3}<td class="number">{score.Low:F3} to {score.High:F3}
                """);
        }

        page.AppendLine("</tbody></table>");
    }
}

/// <summary>Before, after and verdict of some episodes, as one picture.</summary>
internal static class SheetPainter
{
    private const int Episodes = 6;      // of each task
    private const int Edge = 224;        // pixels of one picture
    private const int Columns = 4;       // two episodes beside one another, before and after

    /// <summary>Lets the random and the expert agent play in turn, and paints what happened.</summary>
    public static async Task PaintAsync(IEnvironmentClient client, IEnumerable<string> tasks, string file)
    {
        var sheet = new ContactSheet(Columns, Edge, Edge);
        foreach (var task in tasks)
        {
            await AddAsync(client, task, sheet);
        }

        await File.WriteAllBytesAsync(file, sheet.ToPng());
    }

    private static async Task AddAsync(IEnvironmentClient client, string task, ContactSheet sheet)
    {
        await using var environment = await client.CreateAsync(new EnvironmentSettings(task)
        {
            Slots = Episodes,
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = new Observe("rgb", "info", "expert") { Width = Edge, Height = Edge },
            SharedBuffers = 0, // Pictures of the start are still needed after the step.
        });
        var start = await environment.ResetAsync(new ResetSettings { Seed = 100 });
        var guesses = new RandomAgent().Act(environment.Task, Episodes, start.Observations);
        var experts = start.Observations["expert"].Texts;
        var answers = Enumerable.Range(0, Episodes).Select(row => row % 2 == 0 ? experts[row] : guesses[row]).ToArray();
        var step = await environment.StepAsync(answers);
        for (var row = 0; row < Episodes; row++)
        {
            sheet.Add(start.Observations["rgb"].Row(row).Span, $"{task}: {Bare(answers[row])}");
            sheet.Add(step.Observations["rgb"].Row(row).Span,
                $"{step.Rewards[row]:F2}  {Verdict(step.Observations["info"].Texts[row])}");
        }
    }

    private static string Bare(string answer) => answer.Replace("<answer>", "").Replace("</answer>", "");

    private static string Verdict(string info)
    {
        using var document = JsonDocument.Parse(info);
        return document.RootElement.GetProperty("verdict").GetString() ?? "";
    }
}
