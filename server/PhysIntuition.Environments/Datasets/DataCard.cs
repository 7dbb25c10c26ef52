using System.Globalization;
using System.Text;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Datasets;

/// <summary>The page that lies beside a dataset and says what it is.</summary>
internal static class DataCard
{
    /// <summary>Writes the page.</summary>
    public static string Write(
        ITask task, ExportOptions options, string taskOptions, ExportProgress progress, string simulator,
            string renderer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {task.Spec.Id}, "
            + $"{options.Choice.Name}\n\n{task.Spec.Summary}\n\n");
        text.Append("| | |\n| --- | --- |\n");
        Row("items", progress.Items.ToString(CultureInfo.InvariantCulture));
        Row("seeds", string.Create(CultureInfo.InvariantCulture,
            $"{options.FirstSeed} to {options.FirstSeed + (ulong)progress.Items - 1}"));
        Row("form", options.Format == ExportFormat.Chat
            ? "data.jsonl: messages with image and text, images, seed, hashes; pictures/: PNG"
            : "WebDataset shards: <key>.png, <key>.json");
        Row("scenes' hash", progress.State.Hash.ToString("x16", CultureInfo.InvariantCulture));
        Row("simulator", simulator);
        Row("renderer", renderer);
        Row("options", $"`{taskOptions}`");
        Row("command", options.Command.Length == 0 ? "-" : $"`{options.Command}`");
        text.Append("\n## Balance\n\n| right answer | items |\n| --- | --- |\n");
        foreach (var (answer, count) in progress.State.Answers)
        {
            Row($"`{answer}`", count.ToString(CultureInfo.InvariantCulture));
        }

        text.Append("\n| bodies | items |\n| --- | --- |\n");
        foreach (var (blocks, count) in progress.State.Blocks)
        {
            Row(blocks.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture));
        }

        return text.Append("\nEvery item is a pure function of task, split, seed and options.\n").ToString();

        void Row(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
    }
}
