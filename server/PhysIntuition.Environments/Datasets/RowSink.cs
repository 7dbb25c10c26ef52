using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PhysIntuition.Environments.Datasets;

/// <summary>A row of JSON for each item, and pictures/.</summary>
internal static class RowSink
{
    /// <summary>Tags and letters as they are: no page shows these rows.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Writes the rows of a whole chunk, whose pictures are there.</summary>
    public static void Write(ExportLedger ledger, ExportOptions options, int first, DatasetItem[] items)
    {
        var rows = new string[items.Length];
        Parallel.For(0, items.Length, i =>
        {
            var (images, item) = (new List<string>(), items[i]);
            foreach (var turn in item.Turns)
            {
                var example = images.Count < item.Examples.Length ? images.Count + 1 : 0;
                images.Add(options.PictureName(first + i, example));
            }

            rows[i] = Row(options, item, images).ToJsonString(Json);
        });
        foreach (var row in rows)
        {
            ledger.Append(row);
        }
    }

    /// <summary>A flat row: what was asked, what is right, where the scene comes from.</summary>
    /// <param name="item">The item, with its examples before it.</param>
    /// <param name="image">Of the n-th picture its name; null leaves it out.</param>
    public static JsonObject Flat(DatasetItem item, Func<int, string?> image)
    {
        var row = Turn(item, image(item.Examples.Length));
        if (item.Examples.Length > 0)
        {
            row["examples"] = new JsonArray([.. item.Examples.Select((turn, i) => Turn(turn, image(i)))]);
        }

        item.Facts.AddTo(row);
        return row;
    }

    private static JsonObject Turn(DatasetItem item, string? image)
    {
        var turn = new JsonObject();
        if (image is not null)
        {
            turn["image"] = image;
        }

        turn["prompt"] = item.Prompt;
        turn["answer"] = item.Answer;
        return turn;
    }

    private static JsonObject Row(ExportOptions options, DatasetItem item, List<string> images)
    {
        if (options.Format == ExportFormat.Jsonl)
        {
            return Flat(item, i => images[i]);
        }

        var row = options.Format == ExportFormat.Trl ? Trl(item, images) : new JsonObject
        {
            ["messages"] = new JsonArray([.. item.Turns.SelectMany(turn => new[]
            {
                Message("user", "<image>" + turn.Prompt), Message("assistant", turn.Answer),
            })]),
            // Swift takes a path as it stands, LLaMA-Factory looks beside dataset_info.json.
            ["images"] = Names(images.Select(image => options.Format == ExportFormat.MsSwift
                ? Path.GetFullPath(image, Path.GetFullPath(options.Folder))
                : image)),
        };
        row["solution"] = item.Answer;   // what reward functions compare with
        item.Facts.AddTo(row);
        return row;
    }

    // An image folder turns the column images_file_names into the column images, and adds nothing twice.
    private static JsonObject Trl(DatasetItem item, List<string> images)
    {
        var prompt = new JsonArray();
        foreach (var turn in item.Turns)
        {
            prompt.Add(Message("user", new JsonArray(new JsonObject { ["type"] = "image" }, Text(turn.Prompt))));
            prompt.Add(Message("assistant", new JsonArray(Text(turn.Answer))));
        }

        var completion = prompt[^1]!;
        prompt.RemoveAt(prompt.Count - 1);
        return new()
        {
            ["images_file_names"] = Names(images), ["prompt"] = prompt, ["completion"] = new JsonArray(completion),
        };
    }

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };

    private static JsonObject Message(string role, JsonNode content) => new()
    {
        ["role"] = role, ["content"] = content,
    };

    private static JsonArray Names(IEnumerable<string> names) => new([.. names.Select(name => (JsonNode)name)]);
}
