using System.Xml.Linq;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Datasets;

/// <summary>The page of each task, from its doc comment and its specification, with a strip of pictures.</summary>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws the pictures.</param>
public sealed class TaskPages(ISimulator simulator, IRenderer renderer)
{
    private const int Pictures = 5;    // scenes in a strip, each before and after the expert's answer
    private const int Side = 192;      // pixels

    /// <summary>File names and texts of all pages, the index first.</summary>
    public static IEnumerable<(string Name, string Text)> All()
    {
        var index = new StringBuilder("# Tasks\n\nGenerated from the sources; `physintuition tasks` prints the "
            + "same.\n\n");
        index.Append("| task | question | answer | reward | random | expert |\n| --- | --- | --- | --- | --- | --- "
            + "|\n");
        foreach (var task in TaskCatalog.All)
        {
            var spec = task.Spec;
            index.Append(CultureInfo.InvariantCulture, $"| [{spec.Id}]({spec.Id}.md) | {spec.Summary} | "
                + $"{FormOf(spec)} | ");
            index.Append(CultureInfo.InvariantCulture, $"{spec.Reward.Min} to {spec.Reward.Max} | ");
            index.Append(CultureInfo.InvariantCulture, $"{spec.Anchors.Random:0.##} | {spec.Anchors.Perfect:0.##} |\n");
        }

        yield return ("README.md", index.ToString());
        foreach (var task in TaskCatalog.All)
        {
            yield return (task.Spec.Id + ".md", Page(task));
        }
    }

    /// <summary>A strip of scenes as PNG: before, and below it after the expert's answer.</summary>
    public byte[] Strip(ITask task)
    {
        var format = new FrameFormat(Side, Side);
        var (size, row) = (format.BytesOf(Channels.Rgb), Side * 3);
        var (frames, sheet) = (new byte[size * Pictures], new byte[size * Pictures * 2]);
        int[] slots = [.. Enumerable.Range(0, Pictures)];
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = Pictures, Autoreset = AutoresetMode.Disabled }, simulator, renderer);
        batch.Reset(0UL);
        for (var part = 0; part < 2; part++)
        {
            batch.View.Render(slots, format, new FrameBuffers { Rgb = frames });
            for (var i = 0; i < Pictures * Side; i++)
            {
                var (picture, y) = (i / Side, i % Side);
                frames.AsSpan((picture * size) + (y * row), row)
                    .CopyTo(sheet.AsSpan((((((part * Side) + y) * Pictures) + picture) * row)));
            }

            var mask = new bool[Pictures];
            while (part == 0 && batch.FindRunning(mask))
            {
                batch.Step([.. slots.Select(i => SlotAction.OfText(batch.View.Expert(i)))], mask);
            }
        }

        return PngEncoder.Encode(sheet, Side * Pictures, Side * 2);
    }

    private static string FormOf(TaskSpec spec) =>
        spec.Answer.Count == 1 && spec.Answer[0].Choices is { } words
            ? string.Join(", ", words)
            : string.Join(", ", Told(spec).Select(axis => axis.Name));

    // Of a list its number of items and the fields of one.
    private static IEnumerable<AnswerAxis> Told(TaskSpec spec) =>
        spec.Answer[0].Fields is { } fields ? [spec.Answer[0], .. fields] : spec.Answer;

    /// <summary>The whole page of a task.</summary>
    public static string Page(ITask task) => Text(task, isWhole: true);

    /// <summary>What an agent must know of a task: its page without picture, suites and options.</summary>
    public static string Manual(ITask task) => Text(task, isWhole: false);

    private static string Text(ITask task, bool isWhole)
    {
        var spec = task.Spec;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {spec.Id}\n\n{spec.Summary}\n\n");
        if (isWhole && !spec.NeedsPictures)
        {
            text.Append(CultureInfo.InvariantCulture,
                $"![{spec.Id}: five scenes, below each the outcome of the expert's answer]({spec.Id}.png)\n\n");
        }

        var name = "T:" + task.GetType().FullName;
        var member = s_docs.Value?.Descendants("member").FirstOrDefault(m => (string?)m.Attribute("name") == name);
        foreach (var paragraph in member?.Descendants("para") ?? [])
        {
            text.Append(CultureInfo.InvariantCulture, $"- {string.Join(' ', paragraph.Value.Split(
                (char[]?)null, StringSplitOptions.RemoveEmptyEntries))}\n");
        }

        AppendFacts(text, spec);
        if (isWhole)
        {
            AppendChoices(text, spec);
        }

        return text.ToString();
    }

    // Beside the program, also where that is one file; a copy without it has shorter manuals.
    private static readonly Lazy<XDocument?> s_docs = new(() =>
    {
        var path = Path.Combine(AppContext.BaseDirectory, typeof(TaskPages).Assembly.GetName().Name + ".xml");
        return File.Exists(path) ? XDocument.Load(path) : null;
    });

    private static void AppendFacts(StringBuilder text, TaskSpec spec)
    {
        text.Append("\n## Answer\n\n| name | range | unit |\n| --- | --- | --- |\n");
        foreach (var axis in Told(spec))
        {
            var range = axis.Choices is { } words
                ? string.Join(", ", words.Select((word, i) => $"{word} ({i})"))
                : string.Create(CultureInfo.InvariantCulture, $"{axis.Min} to {axis.Max}");
            text.Append(CultureInfo.InvariantCulture, $"| {axis.Name} | {range} | {axis.Unit} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nAs text: `{AnswerText.FormOf(spec.Answer)}`.");
        if (spec.Answer[0] is { Fields: { } fields } list)
        {
            text.Append(CultureInfo.InvariantCulture, $" As numbers: {list.Name}, then {fields.Count} for each of "
                + $"{list.Max}, {spec.Answer.Count} in all.");
        }

        text.Append("\n\n## Scores\n\n");
        text.Append(CultureInfo.InvariantCulture, $"Reward {spec.Reward.Min} to {spec.Reward.Max} a step, at most ");
        text.Append(CultureInfo.InvariantCulture, $"{spec.MaxSteps} step(s). A random player scores "
            + $"{spec.Anchors.Random:0.##}, the ");
        text.Append(CultureInfo.InvariantCulture, $"expert {spec.Anchors.Perfect:0.##}. Privileged heuristic: "
            + $"{spec.Heuristic}.\n\n");
        text.Append("## Observations\n\n| name | type | shape | content |\n| --- | --- | --- | --- |\n");
        foreach (var seen in spec.Observations)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {seen.Name} | {seen.Type} | {seen.Shape} | {seen.Summary} "
                + $"|\n");
        }

    }

    private static void AppendChoices(StringBuilder text, TaskSpec spec)
    {
        text.Append("\n## Splits\n\n").Append(string.Join(", ", spec.Splits).ToLowerInvariant());
        var suites = SuiteCatalog.Of(spec).ToList();
        text.Append(suites.Count > 0 ? "; under each, one axis changed:\n\n| suite | axis | change |\n| --- | --- | "
            + "--- |\n" : ".\n");
        foreach (var suite in suites)
        {
            text.Append(CultureInfo.InvariantCulture, $"| {suite.Name} | {suite.Axis} | {suite.Summary} |\n");
        }

        text.Append("\n## Options, with their defaults\n\n```json\n");
        text.Append(OptionsReader.Write(OptionsReader.DefaultsOf(spec), isIndented: true)).Append("\n```\n");
    }
}
