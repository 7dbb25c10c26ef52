using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Parquet.Serialization;

namespace PhysIntuition.Environments.Datasets;

/// <summary>One Parquet file for each chunk, pictures inside, as Hugging Face datasets writes its own.</summary>
internal static class ParquetSink
{
    // What tells that library that the column image holds pictures.
    private static readonly string s_features = Features();

    /// <summary>Writes a whole chunk.</summary>
    public static void Write(ExportLedger ledger, ExportOptions options, int first, DatasetItem[] items)
    {
        using var table = new MemoryStream();
        var rows = items.Select((item, i) => RowOf(item, first + i, options.PictureEnding)).ToArray();
        ParquetSerializer.SerializeAsync(
            rows, table, customMetadata: new Dictionary<string, string> { ["huggingface"] = s_features })
            .GetAwaiter().GetResult();
        ledger.Save(options.ShardName(ledger.Shards), table.GetBuffer().AsSpan(0, (int)table.Length));
    }

    private static string Features()
    {
        var turn = new JsonObject
        {
            ["image"] = Feature("Image"), ["prompt"] = Value("string"), ["answer"] = Value("string"),
        };
        var row = turn.DeepClone().AsObject();
        row["messages"] = new JsonArray(
            new JsonObject { ["role"] = Value("string"), ["content"] = Value("string") });
        row["examples"] = new JsonArray(turn);
        foreach (var (name, type) in (ReadOnlySpan<(string, string)>)
            [("task", "string"), ("split", "string"), ("seed", "uint64"), ("scene_hash", "string"),
            ("outcome_hash", "string"), ("blocks", "int32"), ("static_margin", "float64")])
        {
            row[name] = Value(type);
        }

        return new JsonObject { ["info"] = new JsonObject { ["features"] = row } }.ToJsonString();

        static JsonObject Value(string type)
        {
            var feature = Feature("Value");
            feature["dtype"] = type;
            return feature;
        }

        static JsonObject Feature(string kind) => new() { ["_type"] = kind };
    }

    private static Row RowOf(DatasetItem item, int index, string ending) => new()
    {
        Image = new() { Bytes = item.Picture, Path = $"{index:d7}.{ending}" },
        Prompt = item.Prompt,
        Answer = item.Answer,
        Messages = [.. item.Turns.SelectMany(turn => new Message[]
        {
            new() { Role = "user", Content = "<image>" + turn.Prompt },
            new() { Role = "assistant", Content = turn.Answer },
        })],
        Examples = [.. item.Examples.Select((turn, k) => new ParquetTurn
        {
            Image = new() { Bytes = turn.Picture, Path = $"{index:d7}-{k + 1}.{ending}" },
            Prompt = turn.Prompt, Answer = turn.Answer,
        })],
        Task = item.Facts.Task,
        Split = item.Facts.Split,
        Seed = item.Facts.Seed,
        SceneHash = item.Facts.SceneHash.ToString("x16"),
        OutcomeHash = item.Facts.OutcomeHash.ToString("x16"),
        Blocks = item.Facts.Blocks,
        Margin = item.Facts.Margin,
    };

    /// <summary>A picture as that library stores one.</summary>
    internal sealed class Picture
    {
        [JsonPropertyName("bytes")]
        public byte[] Bytes { get; set; } = [];

        [JsonPropertyName("path")]
        public string Path { get; set; } = "";
    }

    /// <summary>A question with its picture and its answer.</summary>
    internal sealed class ParquetTurn
    {
        [JsonPropertyName("image")]
        public Picture Image { get; set; } = new();

        [JsonPropertyName("prompt")]
        public string Prompt { get; set; } = "";

        [JsonPropertyName("answer")]
        public string Answer { get; set; } = "";
    }

    /// <summary>A turn of the conversation; each &lt;image&gt; stands for a picture: the examples', then the
    /// question's.</summary>
    internal sealed class Message
    {
        [JsonPropertyName("role")]
        public string Role { get; set; } = "";

        [JsonPropertyName("content")]
        public string Content { get; set; } = "";
    }

    /// <summary>One item; its properties are the columns, in their order.</summary>
    internal sealed class Row
    {
        [JsonPropertyName("image")]
        public Picture Image { get; set; } = new();

        [JsonPropertyName("prompt")]
        public string Prompt { get; set; } = "";

        [JsonPropertyName("answer")]
        public string Answer { get; set; } = "";

        [JsonPropertyName("messages")]
        public List<Message> Messages { get; set; } = [];

        [JsonPropertyName("examples")]
        public List<ParquetTurn> Examples { get; set; } = [];

        [JsonPropertyName("task")]
        public string Task { get; set; } = "";

        [JsonPropertyName("split")]
        public string Split { get; set; } = "";

        [JsonPropertyName("seed")]
        public ulong Seed { get; set; }

        [JsonPropertyName("scene_hash")]
        public string SceneHash { get; set; } = "";

        [JsonPropertyName("outcome_hash")]
        public string OutcomeHash { get; set; } = "";

        [JsonPropertyName("blocks")]
        public int Blocks { get; set; }

        [JsonPropertyName("static_margin")]
        public double? Margin { get; set; }
    }
}
