using System.Globalization;
using System.Text;
using System.Xml.Linq;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Writes docs/tasks: one page for each task, from its doc comment and its specification, with
/// pictures.</summary>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws the pictures.</param>
public sealed class TaskPages(ISimulator simulator, IRenderer renderer)
{
    private const int Pictures = 5;    // scenes in a strip, each before and after the expert's answer
    private const int Side = 192;      // pixels

    /// <summary>Writes all pages and strips into a folder; whatever else is there stays.</summary>
    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, text) in All())
        {
            File.WriteAllText(Path.Combine(folder, name), text);
        }

        foreach (var task in TaskCatalog.All.Where(HasStrip))
        {
            File.WriteAllBytes(Path.Combine(folder, task.Spec.Id + ".png"), Strip(task));
        }
    }

    /// <summary>File names and texts of all pages, the index first.</summary>
    public static IEnumerable<(string Name, string Text)> All()
    {
        // Beside the program, also where that is one file.
        var pages = XDocument.Load(Path.Combine(
            AppContext.BaseDirectory, typeof(TaskPages).Assembly.GetName().Name + ".xml"));
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
            yield return (task.Spec.Id + ".md", Page(task, pages));
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

            if (part == 0)
            {
                batch.Step([.. slots.Select(i => SlotAction.OfText(batch.View.Expert(i)))]);
            }
        }

        return PngEncoder.Encode(sheet, Side * Pictures, Side * 2);
    }

    private static bool HasStrip(ITask task) => task.Spec.Splits.Contains(Split.Train);

    private static string FormOf(TaskSpec spec) =>
        spec.Answer.Count == 1 && spec.Answer[0].Choices is { } words
            ? string.Join(", ", words)
            : string.Join(", ", spec.Answer.Select(axis => axis.Name));

    private static string Page(ITask task, XDocument docs)
    {
        var spec = task.Spec;
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {spec.Id}\n\n{spec.Summary}\n\n");
        if (HasStrip(task))
        {
            text.Append(CultureInfo.InvariantCulture,
                $"![{spec.Id}: five scenes, below each what comes of the expert's answer]({spec.Id}.png)\n\n");
        }

        var member = docs.Descendants("member").First(m => (string?)m.Attribute("name") == "T:"
            + task.GetType().FullName);
        foreach (var paragraph in member.Descendants("para"))
        {
            text.Append(CultureInfo.InvariantCulture, $"- {string.Join(' ', paragraph.Value.Split(
                (char[]?)null, StringSplitOptions.RemoveEmptyEntries))}\n");
        }

        AppendFacts(text, spec);

        return text.ToString();
    }

    private static void AppendFacts(StringBuilder text, TaskSpec spec)
    {
        text.Append("\n## Answer\n\n| name | range | unit |\n| --- | --- | --- |\n");
        foreach (var axis in spec.Answer)
        {
            var range = axis.Choices is { } words
                ? string.Join(", ", words.Select((word, i) => $"{word} ({i})"))
                : string.Create(CultureInfo.InvariantCulture, $"{axis.Min} to {axis.Max}");
            text.Append(CultureInfo.InvariantCulture, $"| {axis.Name} | {range} | {axis.Unit} |\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"\nAs text: `{AnswerText.FormOf(spec.Answer)}`.\n\n## Scores\n\n");
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
