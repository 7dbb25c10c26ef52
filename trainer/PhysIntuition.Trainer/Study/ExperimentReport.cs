using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using PhysIntuition.Trainer.Evaluation;
using PhysIntuition.Trainer.Recipes;

namespace PhysIntuition.Trainer.Study;

/// <summary>The study as Markdown with drawings beside it, and as one HTML page.</summary>
internal static class ExperimentReport
{
    private const string Style =
        "body{font:15px/1.5 system-ui,sans-serif;max-width:72em;margin:2em auto;padding:0 1em;color:#222}"
        + "table{border-collapse:collapse;margin:1em 0}td,th{padding:.2em .7em;border-bottom:1px solid #ddd;"
        + "text-align:left}.figures{display:flex;flex-wrap:wrap;gap:1.5em}figure{margin:0}"
        + "figcaption{font-weight:600}svg{max-width:100%;height:auto}";

    private sealed record Section(string Title, string Text, params Figure[] Figures);

    private sealed record Figure(string Title, string Drawing, string File);

    /// <summary>Writes report.md, report.html, cells.csv, cells.json, probes.json and the drawings.</summary>
    /// <returns>The page's path.</returns>
    public static string Write(Study study, string folder)
    {
        CellFiles.Write(study.Cells, Path.Combine(folder, "cells.json"), Path.Combine(folder, "cells.csv"), null);
        ProbeFiles.Write(study.Probes, Path.Combine(folder, "probes.json"), null);
        Section[] sections = [.. Sections(study)];
        foreach (var figure in sections.SelectMany(section => section.Figures))
        {
            CellFiles.WriteText(Path.Combine(folder, figure.File), figure.Drawing);
        }

        CellFiles.WriteText(Path.Combine(folder, "report.md"), Markdown(study, sections));
        var page = Path.Combine(folder, "report.html");
        CellFiles.WriteText(page, Html(study, sections));
        return page;
    }

    private static IEnumerable<Section> Sections(Study study)
    {
        yield return new("Trained on, asked about",
            "Rows: task and way of learning. Columns: what was asked on test scenes. 0 is a random player, 1 the "
            + "expert.", new Figure("Success", CellFiles.Draw(study.Cells), "table.svg"));
        Figure[] adaptation = [.. study.Plan.Tasks.SelectMany(task => Adaptation(study, task))];
        if (adaptation.Length > 0)
        {
            yield return new("Adaptation", "Success on a task of models that learned another, after so many supervised "
                + "steps on it.", adaptation);
        }

        yield return new("Examples", "Success with so many solved questions in the prompt.",
            [.. study.Plan.Tasks.Select(task => new Figure(task, LineChart.Draw("examples in the prompt", "success",
                Lines(Asked(study, task).Where(cell => cell.AdaptationSteps == 0), cell => cell.Examples)),
                $"examples-{task}.svg"))]);
        yield return new("Probes",
            "R² of ridge regression from each layer's activations; layer 0 is the picture itself.",
            [.. study.Probes.GroupBy(probe => (probe.Task, probe.Target)).Select(group => new Figure(
                $"{group.Key.Target} in {group.Key.Task}", ProbeFiles.Draw([.. group]),
                $"probe-{group.Key.Task}-{group.Key.Target}.svg"))]);
        yield return new("Learning", "Over the steps: the loss of supervised learning, the reward of GRPO.",
            [.. study.Models.Select(Learning)]);
    }

    private static IEnumerable<Figure> Adaptation(Study study, string task)
    {
        string[] others = [.. study.Models.Where(model => model.Task != task).Select(model => model.Name)];
        var lines = Lines(Asked(study, task).Where(cell => cell.Examples == 0 && others.Contains(cell.Model)),
            cell => cell.AdaptationSteps);
        if (lines.Length > 0)
        {
            yield return new Figure(
                task, LineChart.Draw("supervised steps", "success", lines), $"adaptation-{task}.svg");
        }
    }

    private static Figure Learning(TrainedModel trained)
    {
        var name = trained.Arm == "grpo" ? "reward" : "loss";
        var curve = Curve(Path.Combine(trained.Folder, "metrics.jsonl"), name);
        return new Figure(trained.Name, LineChart.Draw("step", name, [new ChartLine(name, curve)]),
            $"learning-{trained.Name}.svg");
    }

    private static IEnumerable<Cell> Asked(Study study, string task) =>
        study.Cells.Where(cell => cell.Task == task && cell.Split == "test");

    private static ChartLine[] Lines(IEnumerable<Cell> cells, Func<Cell, int> at) =>
        [.. cells.GroupBy(cell => cell.Model).Select(line => new ChartLine(line.Key,
            [.. line.OrderBy(at).Select(cell => new ChartPoint(at(cell), cell.Success, cell.SuccessInterval))]))];

    private static ChartPoint[] Curve(string path, string name) =>
        [.. File.ReadLines(path).Select(line => JsonDocument.Parse(line).RootElement).Select(line =>
            new ChartPoint(line.GetProperty("step").GetDouble(), line.GetProperty(name).GetDouble()))];

    private static string Title(Study study) =>
        $"Intuitive physics from imitation and from interaction: {Path.GetFileName(study.Model)}";

    private static string Settings(Study study) =>
        $"Tasks {string.Join(", ", study.Plan.Tasks)}; {study.Plan.Questions} test scenes a cell; pictures of "
        + $"{study.Plan.PictureSize} pixels; SFT {study.Plan.Sft.Steps} steps of {study.Plan.Sft.Batch} scenes, GRPO "
        + $"{study.Plan.Grpo.Steps} steps of {study.Plan.Grpo.Prompts} x {study.Plan.Grpo.Completions} answers"
        + (study.Plan.Start is { } start ? $", both after {start.Steps} supervised steps." : ".")
        + " Success is the reward between a random player's, 0, and the expert's, 1; ± is half of a 95 % interval.";

    private static string Markdown(Study study, Section[] sections)
    {
        var text = new StringBuilder($"# {Title(study)}\n\n{Settings(study)}\n\n| published claim | this run |\n");
        text.Append("| --- | --- |\n");
        foreach (var (claim, finding) in Findings.Of(study))
        {
            text.Append(CultureInfo.InvariantCulture, $"| {claim} | {finding} |\n");
        }

        text.Append("\nClaims: arXiv 2602.06033.\n");
        foreach (var section in sections)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {section.Title}\n\n{section.Text}\n");
            foreach (var figure in section.Figures)
            {
                text.Append(section.Figures.Length > 1 ? $"\n### {figure.Title}\n" : "");
                text.Append(CultureInfo.InvariantCulture, $"\n![{section.Title}: {figure.Title}]({figure.File})\n");
            }
        }

        return text.Append("\nEvery cell is in cells.csv and cells.json, every probe in probes.json.\n").ToString();
    }

    private static string Html(Study study, Section[] sections)
    {
        var page = new StringBuilder("<!DOCTYPE html><html lang=\"en\"><meta charset=\"utf-8\">")
            .Append(CultureInfo.InvariantCulture, $"<title>{Encode(Title(study))}</title><style>{Style}</style>")
            .Append(CultureInfo.InvariantCulture, $"<h1>{Encode(Title(study))}</h1><p>{Encode(Settings(study))}</p>")
            .Append("<table><tr><th>published claim (arXiv 2602.06033)</th><th>this run</th></tr>");
        foreach (var (claim, finding) in Findings.Of(study))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{Encode(claim)}</td><td>{Encode(finding)}</td></tr>");
        }

        page.Append("</table>");
        foreach (var section in sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"<h2>{Encode(section.Title)}</h2><p>{Encode(section.Text)}</p>")
                .Append("<div class=\"figures\">");
            foreach (var figure in section.Figures)
            {
                page.Append(CultureInfo.InvariantCulture,
                    $"<figure><figcaption>{Encode(figure.Title)}</figcaption>{figure.Drawing}</figure>");
            }

            page.Append("</div>");
        }

        var plan = JsonSerializer.Serialize(study.Plan, RecipeOptions.Format);
        return page.Append(CultureInfo.InvariantCulture,
            $"<details><summary>Every knob</summary><pre>{Encode(plan)}</pre></details></html>\n").ToString();
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
