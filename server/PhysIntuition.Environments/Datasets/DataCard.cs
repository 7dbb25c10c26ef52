using System.Globalization;
using System.Text;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Environments.Datasets;

/// <summary>The page that lies beside a dataset and says what it is.</summary>
internal static class DataCard
{
    /// <summary>dataset_info.json: how LLaMA-Factory finds roles, contents and pictures.</summary>
    public static string DatasetInfo(ITask task) => $$"""
        {
          "{{task.Spec.Id}}": {
            "file_name": "data.jsonl",
            "formatting": "sharegpt",
            "columns": { "messages": "messages", "images": "images" },
            "tags": {
              "role_tag": "role", "content_tag": "content", "user_tag": "user", "assistant_tag": "assistant"
            }
          }
        }

        """;

    private static string LoadedBy(ITask task, ExportFormat format) => format switch
    {
        ExportFormat.Trl => "`load_dataset(\"imagefolder\", data_dir=FOLDER, split=\"train\")`",
        ExportFormat.MsSwift => "`swift sft --dataset FOLDER/data.jsonl`",
        ExportFormat.LlamaFactory => $"`dataset_dir: FOLDER`, `dataset: {task.Spec.Id}`",
        ExportFormat.WebDataset => "`webdataset.WebDataset(\"FOLDER/shard-{000000..N}.tar\")`",
        ExportFormat.Parquet => "`load_dataset(\"parquet\", data_files=\"FOLDER/*.parquet\")`",
        _ => "any reader of JSON lines",
    };

    /// <summary>Writes the page.</summary>
    public static string Write(
        ITask task, ExportOptions options, string taskOptions, ExportLedger.Record state, string simulator,
            string renderer)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# {task.Spec.Id}, "
            + $"{options.Choice.Name}\n\n{task.Spec.Summary}\n\n");
        text.Append("| | |\n| --- | --- |\n");
        Row("items", state.Items.ToString(CultureInfo.InvariantCulture));
        Row("seeds", string.Create(CultureInfo.InvariantCulture,
            $"{options.FirstSeed} to {options.FirstSeed + (ulong)state.Items - 1}"));
        Row("format", $"`{ExportFormats.Names[(int)options.Format]}`");
        Row("pictures", options.Pictures.ToString().ToLowerInvariant());
        Row("loaded by", LoadedBy(task, options.Format));
        Row("scenes' hash", state.Hash.ToString("x16", CultureInfo.InvariantCulture));
        Row("simulator", simulator);
        Row("renderer", renderer);
        Row("options", $"`{taskOptions}`");
        Row("command", options.Command.Length == 0 ? "-" : $"`{options.Command}`");
        text.Append("\n## Balance\n\n| right answer | items |\n| --- | --- |\n");
        foreach (var (answer, count) in state.Answers)
        {
            Row($"`{answer}`", count.ToString(CultureInfo.InvariantCulture));
        }

        text.Append("\n| bodies | items |\n| --- | --- |\n");
        foreach (var (blocks, count) in state.Blocks)
        {
            Row(blocks.ToString(CultureInfo.InvariantCulture), count.ToString(CultureInfo.InvariantCulture));
        }

        return text.Append("\nEvery item is a pure function of task, split, seed and options.\n").ToString();

        void Row(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"| {name} | {value} |\n");
    }
}
