using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Encodings.Web;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Chat messages as JSON: user turns with image and text, assistant turns with the answer.</summary>
internal static class ChatForm
{
    private static readonly JsonSerializerOptions s_json = new() { Encoder =
        JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>One line of JSON.</summary>
    /// <param name="item">The item, with its examples before it.</param>
    /// <param name="images">Names of the pictures: the examples' in order, then the item's own.</param>
    public static string Line(DatasetItem item, IReadOnlyList<string> images)
    {
        var messages = new JsonArray();
        for (var i = 0; i < item.Examples.Length; i++)
        {
            Add(messages, item.Examples[i], images[i]);
        }

        Add(messages, item, images[^1]);
        var line = new JsonObject
        {
            ["messages"] = messages,
            ["images"] = new JsonArray([.. images.Select(image => (JsonNode)image)]),
        };
        foreach (var (key, value) in item.Facts)
        {
            line[key] = value?.DeepClone();
        }

        return line.ToJsonString(s_json);
    }

    private static void Add(JsonArray messages, DatasetItem item, string image)
    {
        messages.Add(new JsonObject
        {
            ["role"] = "user",
            ["content"] = new JsonArray(
                new JsonObject { ["type"] = "image", ["image"] = image },
                new JsonObject { ["type"] = "text", ["text"] = item.Prompt }),
        });
        messages.Add(new JsonObject
        {
            ["role"] = "assistant",
            ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = item.Answer }),
        });
    }
}

/// <summary>data.jsonl and pictures/, a thousand pictures to a folder.</summary>
internal sealed class ChatSink : IItemSink
{
    private const int FolderItems = 1000;

    private readonly string _folder;
    private readonly string _path;

    public ChatSink(string folder, ExportProgress progress)
    {
        (_folder, _path) = (folder, Path.Combine(folder, "data.jsonl"));
        using var file = new FileStream(_path, FileMode.OpenOrCreate);
        file.SetLength(progress.Length);   // cuts off what an interrupted chunk has left
        Length = progress.Length;
    }

    public long Length { get; private set; }

    public void Write(int first, DatasetItem[] items)
    {
        var text = new StringBuilder();
        for (var i = 0; i < items.Length; i++)
        {
            var images = new List<string>();
            for (var k = 0; k < items[i].Examples.Length; k++)
            {
                images.Add(Save(first + i, $"-{k + 1}", items[i].Examples[k].Png));
            }

            images.Add(Save(first + i, "", items[i].Png));
            text.Append(ChatForm.Line(items[i], images)).Append('\n');
        }

        File.AppendAllText(_path, text.ToString(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        Length = new FileInfo(_path).Length;
    }

    private string Save(int index, string suffix, byte[] png)
    {
        var name = $"pictures/{index / FolderItems:d4}/{index:d7}{suffix}.png";
        var path = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, png);

        return name;
    }
}

/// <summary>One tar file for each chunk, in the WebDataset convention: files of one key are one sample.</summary>
internal sealed class TarSink(string folder) : IItemSink
{
    public long Length => 0;

    public void Write(int first, DatasetItem[] items)
    {
        var path = Path.Combine(folder, $"shard-{first / Exporter.ChunkItems:d6}.tar");
        using (var stream = File.Create(path + ".part"))
        using (var tar = new TarWriter(stream, TarEntryFormat.Ustar))
        {
            for (var i = 0; i < items.Length; i++)
            {
                Add(tar, $"{first + i:d7}", items[i]);
            }
        }

        File.Move(path + ".part", path, overwrite: true);
    }

    private static void Add(TarWriter tar, string key, DatasetItem item)
    {
        var images = new List<string>();
        for (var k = 0; k < item.Examples.Length; k++)
        {
            images.Add($"{key}.example{k + 1}.png");
            Add(tar, images[^1], item.Examples[k].Png);
        }

        images.Add(key + ".png");
        Add(tar, key + ".png", item.Png);
        Add(tar, key + ".json", Encoding.UTF8.GetBytes(ChatForm.Line(item, images)));
    }

    // Time and owner are fixed, so that equal datasets are equal files.
    private static void Add(TarWriter tar, string name, byte[] data) => tar.WriteEntry(
        new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = new MemoryStream(data), ModificationTime = DateTimeOffset.UnixEpoch,
        });
}
