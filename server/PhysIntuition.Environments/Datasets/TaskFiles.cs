namespace PhysIntuition.Environments.Datasets;

/// <summary>
/// Every file of the repository that follows from the catalogue: golden hashes, pages, tables of the clients.
/// </summary>
/// <param name="simulator">Decides outcomes.</param>
/// <param name="renderer">Draws the pictures.</param>
public sealed class TaskFiles(ISimulator simulator, IRenderer renderer)
{
    private const int GoldenSeeds = 64;
    private const string Goldens = "tests/PhysIntuition.Environments.Tests/Tasks/Goldens", Pages = "docs/tasks";

    /// <summary>Paths below the repository's root, and what the files hold.</summary>
    public IEnumerable<(string Path, byte[] Content)> All()
    {
        var pages = new TaskPages(simulator, renderer);
        foreach (var (name, text) in TaskPages.All())
        {
            yield return ($"{Pages}/{name}", Encoding.UTF8.GetBytes(text));
        }

        // Photographs come from the user's own folder, so there is nothing to draw or to hash without one.
        foreach (var task in TaskCatalog.All.Where(task => !task.Spec.NeedsPictures))
        {
            yield return ($"{Pages}/{task.Spec.Id}.png", pages.Strip(task));
            yield return ($"{Goldens}/{task.Spec.Id}.txt", Encoding.UTF8.GetBytes(Golden(task)));
        }

        yield return ("clients/python/physintuition/_tasks.py", Encoding.UTF8.GetBytes(Python()));
        yield return ("clients/typescript/src/gen/actions.ts", Encoding.UTF8.GetBytes(TypeScript()));
    }

    /// <summary>Writes what differs and removes what tasks have left that are no more.</summary>
    /// <param name="root">The repository's.</param>
    /// <returns>Paths that were written or removed.</returns>
    public IReadOnlyList<string> Update(string root)
    {
        var (changed, files) = (new List<string>(), All().ToDictionary());
        foreach (var (path, content) in files)
        {
            var file = Path.Combine(root, path);
            if (!File.Exists(file) || !File.ReadAllBytes(file).AsSpan().SequenceEqual(content))
            {
                File.WriteAllBytes(file, content);
                changed.Add(path);
            }
        }

        foreach (var path in Kept(root).Where(path => !files.ContainsKey(path)))
        {
            File.Delete(Path.Combine(root, path));
            changed.Add(path);
        }

        return changed;
    }

    /// <summary>Files in the folders that hold nothing but files of tasks.</summary>
    internal static IEnumerable<string> Kept(string root) => ((string[])[Goldens, Pages]).SelectMany(
        folder => Directory.GetFiles(Path.Combine(root, folder)).Select(file => $"{folder}/{Path.GetFileName(file)}"));

    // A change here changes everybody's results.
    private string Golden(ITask task)
    {
        var batch = new EnvironmentBatch(task, new BatchOptions { Slots = GoldenSeeds }, simulator);
        batch.Reset(0UL);
        var text = new StringBuilder();
        for (var i = 0; i < GoldenSeeds; i++)
        {
            var episode = batch.EpisodeFor(i);
            text.Append(CultureInfo.InvariantCulture,
                $"{i} {episode.SceneHash:x16} {episode.OutcomeHash:x16} {batch.View.Expert(i)}\n");
        }

        return text.ToString();
    }

    private static string Python() => string.Concat(
        "\"\"\"Made by physintuition tasks --update: this version's tasks, and whether they have a state.\"\"\"\n\n",
        "TASKS = {\n",
        string.Concat(TaskCatalog.All.Select(task =>
            $"    \"{task.Spec.Id}\": {ObservationSpec.Of(task.Spec).Any(seen => seen.Name == "state")},\n")),
        "}\n");

    private static string TypeScript() => string.Concat(
        "// Made by physintuition tasks --update; do not edit.\n\n",
        "/** One numeric action of each task: a choice, or numbers by name. Any task takes text instead. */\n",
        "export interface TaskActions {\n",
        string.Concat(TaskCatalog.All.Select(task =>
            $"  /** {task.Spec.Summary.TrimEnd('.')} */\n  \"{task.Spec.Id}\": {TypeOf(task.Spec.Answer)};\n")),
        "}\n");

    private static string TypeOf(IReadOnlyList<AnswerAxis> axes) => axes is [{ Choices: { } words }]
        ? string.Join(" | ", words.Select(word => $"\"{word}\""))
        : $"{{\n{string.Concat(axes.Select(MemberOf))}  }}";

    private static string MemberOf(AnswerAxis axis)
    {
        var whole = axis.IsInteger ? ", whole" : "";
        return string.Create(CultureInfo.InvariantCulture,
            $"    /** {axis.Unit}, {axis.Min} to {axis.Max}{whole}. */\n    {axis.Name}: number;\n");
    }
}
