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

    // What the Hub and load_dataset read of a page: quoted throughout, so that no value is taken for something else.
    private static string FrontMatter(ITask task, ExportOptions options, ExportLedger.Record state) => $"""
        ---
        pretty_name: "PhysIntuition {task.Spec.Id}, {options.Choice.Name}"
        license: "mit"
        language: ["en"]
        task_categories: ["visual-question-answering", "image-text-to-text"]
        tags: ["physics", "intuitive-physics", "synthetic"]
        size_categories: ["{SizeOf(state.Items)}"]
        configs:
        - config_name: "default"
          data_files:
          - split: "{options.Choice.Name.Replace('/', '.').Replace('-', '_')}"
            path: [{string.Join(", ", FilesOf(options.Format).Select(file => $"\"{file}\""))}]
        ---


        """;

    private static string[] FilesOf(ExportFormat format) => format switch
    {
        ExportFormat.Trl => ["metadata.jsonl", "pictures/**"],
        ExportFormat.WebDataset => ["shard-*.tar"],
        ExportFormat.Parquet => ["part-*.parquet"],
        _ => ["data.jsonl"],
    };

    // The Hub's own words.
    private static string SizeOf(long items) => items switch
    {
        < 1_000 => "n<1K",
        < 10_000 => "1K<n<10K",
        < 100_000 => "10K<n<100K",
        < 1_000_000 => "100K<n<1M",
        < 10_000_000 => "1M<n<10M",
        < 100_000_000 => "10M<n<100M",
        _ => "100M<n<1B",
    };

    /// <summary>Writes the page.</summary>
    public static string Write(
        ITask task, ExportOptions options, string taskOptions, ExportLedger.Record state, string simulator,
            string renderer)
    {
        var text = new StringBuilder(FrontMatter(task, options, state));
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
