using System.Runtime.InteropServices;

namespace PhysIntuition.Trainer.Study;

/// <summary>The study as Markdown with drawings beside it; its first five lines say what was found.</summary>
internal static class ExperimentReport
{
    /// <summary>Writes report.md, effects.csv, arms.svg and, where there are such arms, tasks.svg.</summary>
    /// <returns>The report's path.</returns>
    public static string Write(StudyResult study, string folder)
    {
        var effects = Findings.Effects(study);
        CellFiles.WriteText(Path.Combine(folder, "effects.csv"), Csv(effects));
        CellFiles.WriteText(Path.Combine(folder, "arms.svg"), Arms(study));
        var scaling = Scaling(study);
        if (scaling.Count > 1)
        {
            CellFiles.WriteText(Path.Combine(folder, "tasks.svg"), LineChart.Draw(
                "tasks in the mixture", "success on tasks never learned", [new ChartLine("SFT", scaling)]));
        }

        var text = new StringBuilder(string.Join('\n', Findings.Lines(study, effects).Select(line => line + "  ")));
        text.Append("\n\n# What transfers?\n\n").Append(Settings(study)).Append('\n');
        foreach (var (title, body) in Sections(study, effects, scaling))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {title}\n\n{body}\n");
        }

        var path = Path.Combine(folder, "report.md");
        CellFiles.WriteText(path, text.ToString());
        return path;
    }

    private static IEnumerable<(string Title, string Body)> Sections(
        StudyResult study, IReadOnlyList<ArmEffect> effects, IReadOnlyList<ChartPoint> scaling)
    {
        yield return ("Arms on tasks that they never learned", "Success with answers held to their form; in brackets "
            + "the difference from the base and its p after Holm's correction.\n\n" + ArmTable(study, effects)
            + "\n\n![Success](arms.svg)");
        if (LearnedTable(study) is { Length: > 0 } learned)
        {
            yield return ("Was there something to carry over?", "Success on new scenes of tasks that the arm's models "
                + "did learn, the mean over those that learned it.\n\n" + learned);
        }

        yield return ("Form and content", "The same scenes with free answers: the share that could be read, the "
            + "success of those, and of all.\n\n" + FormTable(study));
        if (study.Plan.Arms.Any(arm => arm.AskedOptions.Length > 0))
        {
            yield return ("With the tool, and without", ToolTable(study));
        }

        if (scaling.Count > 1)
        {
            yield return ("More tasks, equally many scenes", "| tasks | success |\n| --- | --- |\n" + string.Join('\n',
                scaling.Select(point => string.Create(
                    CultureInfo.InvariantCulture, $"| {point.X} | {point.Y:0.000} |"))) + "\n\n![Scaling](tasks.svg)");
        }

        if (Sizes(study) is { Length: > 0 } sizes)
        {
            yield return ("Larger models", sizes);
        }

        if (LeftOut(study) is { Length: > 0 } gaps)
        {
            yield return ("Not done", gaps);
        }

        yield return ("Every knob", $"```json\n{JsonSerializer.Serialize(study.Plan, RecipeOptions.Format)}\n```");
    }

    private static string Settings(StudyResult study) => string.Create(CultureInfo.InvariantCulture,
        $"Model: {Path.GetFileName(study.Model.TrimEnd('/'))}. {study.Plan.Scenes} training scenes in every arm, ")
        + string.Create(CultureInfo.InvariantCulture, $"{study.Plan.Seeds} seed(s), {study.Plan.Questions} test ")
        + string.Create(CultureInfo.InvariantCulture, $"scenes a task, pictures of {study.Plan.PictureSize} pixels; ")
        + $"held out in turn: {string.Join(", ", study.Plan.HeldOut)}. Success is 0 for a random player, 1 for the "
        + "expert. "
        + string.Create(CultureInfo.InvariantCulture, $"This call took {study.Time.TotalMinutes:0} minutes on ")
        + $"{Environment.ProcessorCount} cores ({RuntimeInformation.OSDescription})"
        + (study.Command.Length > 0 ? $": `{study.Command}`." : ".");

    private static string ArmTable(StudyResult study, IReadOnlyList<ArmEffect> effects)
    {
        var tasks = Findings.Tasks(study);
        var lines = new List<string>
        {
            $"| arm | {string.Join(" | ", tasks)} | all | against (a) |",
            $"| --- | {string.Concat(tasks.Select(_ => "--- | "))}--- | --- |",
            $"| base | {string.Join(" | ", tasks.Select(task => Number(Mean(study, "base", task))))} | "
                + $"{Number(Findings.Success(study, "base"))} | |",
        };
        foreach (var arm in study.Plan.Arms)
        {
            string Cell(string task, string against) => effects.FirstOrDefault(effect => effect.Arm == arm.Id
                && effect.Task == task && effect.Against == against) is not { } effect ? ""
                : string.Create(CultureInfo.InvariantCulture,
                    $"{effect.Success:0.00} ({effect.Difference.Mean:+0.00;-0.00;0.00}, ")
                    + $"p {Findings.Chance(effect.PValue)})";
            lines.Add($"| {arm.Id}: {arm.Title} | "
                + string.Join(" | ", tasks.Append("").Select(task => Cell(task, Findings.BaseOf(arm))))
                + $" | {Cell("", Findings.Reference)} |");
        }

        return string.Join('\n', lines);
    }

    private static string LearnedTable(StudyResult study)
    {
        var rows = (from sheet in study.Answers
                    from cell in sheet.Cells
                    where cell.IsLearned
                    group cell.Success(cell.Rewards.Average()) by (sheet.Arm, cell.Task))
            .ToDictionary(group => group.Key, group => group.Average());
        string[] tasks = [.. study.Plan.HeldOut.Where(task => rows.Keys.Any(key => key.Task == task))];
        return rows.Count == 0 ? "" : $"| arm | {string.Join(" | ", tasks)} |\n| --- |"
            + string.Concat(tasks.Select(_ => " --- |")) + string.Concat(study.Plan.Arms
                .Where(arm => rows.Keys.Any(key => key.Arm == arm.Id)).Select(arm => $"\n| {arm.Id}: {arm.Title} | "
                    + string.Join(" | ", tasks.Select(task => rows.TryGetValue((arm.Id, task), out var success)
                        ? Number(success) : "")) + " |"));
    }

    private static string FormTable(StudyResult study)
    {
        var lines = new List<string>
        {
            "| arm | readable | success if readable | success |", "| --- | --- | --- | --- |",
        };
        foreach (var arm in study.Answers.Select(sheet => sheet.Arm).Distinct())
        {
            StudyCell[] cells = [.. study.Answers.Where(sheet => sheet.Arm == arm).SelectMany(sheet => sheet.Cells)
                .Where(cell => cell is { Constrain: AnswerConstraint.None, Options: "" })];
            (double Success, bool IsReadable)[] scenes = [.. cells.SelectMany(cell => cell.Rewards.Zip(
                cell.AreReadable, (reward, isReadable) => (cell.Success(reward), isReadable)))];
            if (scenes.Length > 0)
            {
                double[] read = [.. scenes.Where(scene => scene.IsReadable).Select(scene => scene.Success)];
                lines.Add(string.Create(CultureInfo.InvariantCulture,
                    $"| {arm} | {scenes.Average(scene => scene.IsReadable ? 1.0 : 0):0.0 %} | ")
                    + $"{Number(read.Length == 0 ? null : read.Average())} | "
                    + $"{Number(scenes.Average(scene => scene.Success))} |");
            }
        }

        return string.Join('\n', lines);
    }

    private static string ToolTable(StudyResult study)
    {
        var lines = new List<string> { "| arm | task | without | with |", "| --- | --- | --- | --- |" };
        foreach (var arm in study.Plan.Arms.Where(arm => arm.AskedOptions.Length > 0))
        {
            lines.AddRange(Findings.Tasks(study)
                .Where(task => Findings.ByScene(study, arm.Id, task, arm.AskedOptions) is not null)
                .Select(task => $"| {arm.Id}: {arm.Title}, `{arm.AskedOptions}` | {task} | "
                    + $"{Number(Mean(study, arm.Id, task))} | "
                    + $"{Number(Mean(study, arm.Id, task, arm.AskedOptions))} |"));
        }

        return string.Join('\n', lines);
    }

    private static string Sizes(StudyResult study)
    {
        var lines = study.Plan.Arms.Where(arm => arm.Size.Length > 0)
            .Where(arm => Findings.Success(study, arm.Id) is not null)
            .Select(arm => $"| {arm.Size} | {Number(Findings.Success(study, Findings.BaseOf(arm)))} | "
                + $"{Number(Findings.Success(study, arm.Id))} |").ToList();
        return lines.Count == 0 ? "" : "| million parameters | base | SFT on the mixture |\n| --- | --- | --- |\n"
            + string.Join('\n', lines.Append($"| 3 | {Number(Findings.Success(study, "base"))} | "
                + $"{Number(Findings.Success(study, "c"))} |"));
    }

    private static string LeftOut(StudyResult study) => string.Join('\n',
        study.Plan.Arms
            .Select(arm => (arm, why: study.Plan.HeldOut.Select(arm.Missing).OfType<string>().FirstOrDefault()))
            .Where(item => item.why is not null).Select(item => $"- {item.arm.Id}, {item.arm.Title}: {item.why}.")
            .Concat(study.Failures.Select(item => $"- {item.Key} failed: {item.Value.ReplaceLineEndings(" ")}"))
            .Concat(study.Awaited.Select(name => $"- {name} has not been asked yet.")));

    private static List<ChartPoint> Scaling(StudyResult study) =>
        [.. study.Plan.Arms.Where(arm => arm.TaskCount > 0)
            .Select(arm => (arm.TaskCount, Success: Findings.Success(study, arm.Id)))
            .Where(item => item.Success is not null)
            .Select(item => new ChartPoint(item.TaskCount, item.Success!.Value))];

    private static string Arms(StudyResult study)
    {
        var tasks = Findings.Tasks(study);
        return HeatMap.Draw([.. study.Answers.Select(sheet => sheet.Arm).Distinct()], [.. tasks],
            (arm, task) => Mean(study, arm, task) is { } success
                ? (success.ToString("0.00", CultureInfo.InvariantCulture), success) : null);
    }

    private static double? Mean(StudyResult study, string arm, string task, string options = "") =>
        Findings.ByScene(study, arm, task, options) is { } scenes
            ? Findings.Cells(study, arm, task, options, AnswerConstraint.Answer).First().Success(scenes.Average())
            : null;

    private static string Number(double? value) => value?.ToString("0.000", CultureInfo.InvariantCulture) ?? "";

    private static string Csv(IReadOnlyList<ArmEffect> effects) => string.Join('\n', effects.Select(effect =>
        $"{effect.Arm},{effect.Task},{effect.Against},"
        + string.Create(CultureInfo.InvariantCulture, $"{effect.Success:0.####},")
        + string.Create(CultureInfo.InvariantCulture,
            $"{effect.Difference.Mean:0.####},{effect.Difference.Low:0.####},{effect.Difference.High:0.####},")
        + string.Create(
            CultureInfo.InvariantCulture, $"{effect.Difference.Count},{effect.Test},{effect.PValue:0.######}"))
        .Prepend("arm,task,against,success,difference,low,high,scenes,test,p_holm")) + "\n";
}

/// <summary>The table of generalisation as JSON, CSV and a picture.</summary>
internal static class CellFiles
{
    /// <summary>Writes the files that are named; each appears whole.</summary>
    public static void Write(IReadOnlyList<Cell> cells, string? json, string? csv, string? picture)
    {
        if (json is not null)
        {
            AtomicFile.Write(json, stream => JsonSerializer.Serialize(stream, new { cells }, RecipeOptions.Format));
        }

        if (csv is not null)
        {
            WriteText(csv, string.Join('\n', cells.Select(cell => cell.Csv).Prepend(Cell.Header)) + "\n");
        }

        if (picture is not null)
        {
            WriteText(picture, Draw(cells));
        }
    }

    /// <summary>Models down, tasks and suites across; success in [0, 1] between random and expert.</summary>
    public static string Draw(IReadOnlyList<Cell> cells)
    {
        Cell[] plain = [.. cells.Where(cell => cell.AdaptationSteps == 0 && cell.Examples == 0)];
        var table = plain.Length > 0 ? plain : [.. cells];
        return HeatMap.Draw(
            [.. table.Select(cell => cell.Model).Distinct()], [.. table.Select(cell => cell.Column).Distinct()],
            (model, column) => table.FirstOrDefault(cell => cell.Model == model && cell.Column == column) is { } cell
                ? (cell.Success.ToString("0.00", CultureInfo.InvariantCulture), cell.Success)
                : null);
    }

    /// <summary>Writes a text file that appears whole.</summary>
    public static void WriteText(string path, string text) =>
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));
}
