using System.Diagnostics;
using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet;
using Parquet.Serialization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Environments.Tests;

/// <summary>Each format held to what the documentation of its reader asks for.</summary>
public sealed class ExportFormatTests : IDisposable
{
    private const int Items = 3;

    private readonly string _folder = Directory.CreateTempSubdirectory("export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // Hugging Face's image folder: metadata.jsonl at the root, *_file_names become a column of pictures, every row has
    // the same columns. TRL: conversational prompt and completion; as many {"type": "image"} as pictures; no column
    // that one of its trainers takes for its own.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Trl_Rows_AreAnImageFolderOfPromptsAndCompletions(int examples)
    {
        var rows = Export(ExportFormat.Trl, examples);

        Assert.False(File.Exists(Path.Combine(_folder, "data.jsonl")));
        Assert.Single(rows.Select(row => string.Join(' ', row.Select(field => field.Key))).Distinct());
        foreach (var row in rows)
        {
            var files = Texts(row["images_file_names"]);
            var (prompt, completion) = (row["prompt"]!.AsArray(), row["completion"]!.AsArray());
            AssertPictures(files, examples + 1);
            Assert.Equal(files.Length, Parts(prompt).Count(part => part["type"]!.GetValue<string>() == "image"));
            Assert.All(Parts(prompt), part => Assert.Null(part["image"]));
            Assert.Equal(Alternating(examples).SkipLast(1), prompt.Select(Role));
            Assert.Equal(["assistant"], completion.Select(Role));
            Assert.Equal(row["solution"]!.GetValue<string>(), Parts(completion).Single()["text"]!.GetValue<string>());
            Assert.DoesNotContain(row, field => field.Key is "messages" or "images" or "image" or "chosen" or "rejected"
                or "label" or "margin" or "text");
        }
    }

    // ms-swift: messages of strings, one <image> for each path in images, paths that hold wherever it is started.
    // LLaMA-Factory: the same, user and assistant in turn, paths beside dataset_info.json, which names the columns.
    [Theory]
    [InlineData(ExportFormat.MsSwift, 0)]
    [InlineData(ExportFormat.MsSwift, 3)]
    [InlineData(ExportFormat.LlamaFactory, 0)]
    [InlineData(ExportFormat.LlamaFactory, 3)]
    public void Messages_Rows_HaveATagForEachPicture(ExportFormat format, int examples)
    {
        foreach (var row in Export(format, examples))
        {
            var messages = row["messages"]!.AsArray();
            var images = Texts(row["images"]);
            var contents = messages.Select(message => message!["content"]!.GetValue<string>()).ToArray();
            AssertPictures(images, examples + 1);
            Assert.All(images, image => Assert.Equal(format == ExportFormat.MsSwift, Path.IsPathRooted(image)));
            Assert.Equal(images.Length, contents.Sum(text => text.Split("<image>").Length - 1));
            Assert.Equal(Alternating(examples), messages.Select(Role));
            Assert.Equal(contents[^1], row["solution"]!.GetValue<string>());
            Assert.DoesNotContain(row, field => field.Key is "label" or "rejected_response" or "objects" or "tools"
                or "videos" or "audios" or "system" or "margin");
        }
    }

    [Fact]
    public void LlamaFactory_DatasetInfo_NamesFileColumnsAndTags()
    {
        var row = Export(ExportFormat.LlamaFactory, examples: 0)[0];
        var info = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "dataset_info.json")))!["Offset-v1"]!;

        Assert.True(File.Exists(Path.Combine(_folder, info["file_name"]!.GetValue<string>())));
        Assert.Equal("sharegpt", info["formatting"]!.GetValue<string>());
        Assert.All(info["columns"]!.AsObject(), column => Assert.NotNull(row[column.Value!.GetValue<string>()]));
        var message = row["messages"]![0]!;
        Assert.Equal(info["tags"]!["user_tag"]!.GetValue<string>(),
            message[info["tags"]!["role_tag"]!.GetValue<string>()]!.GetValue<string>());
        Assert.NotNull(message[info["tags"]!["content_tag"]!.GetValue<string>()]);
    }

    // WebDataset: the files of a sample stand together, its key is all before the first dot, and every sample has the
    // same fields.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void WebDataset_Shard_HasTheFilesOfASampleTogether(int examples)
    {
        Given.Export(_folder, ExportFormat.WebDataset, Items, Given.SmallOffset with { Examples = examples }).Run();

        using var stream = File.OpenRead(Path.Combine(_folder, "shard-000000.tar"));
        using var tar = new TarReader(stream);
        var files = new List<(string Key, string Field, byte[] Data)>();
        while (tar.GetNextEntry() is { } entry)
        {
            var data = new byte[entry.Length];
            entry.DataStream!.ReadExactly(data);
            var dot = entry.Name.IndexOf('.', StringComparison.Ordinal);
            files.Add((entry.Name[..dot], entry.Name[(dot + 1)..], data));
        }

        var samples = files.Chunk(examples + 2).ToArray();
        string[] fields = [.. Enumerable.Range(1, examples).Select(i => $"example{i}.png"), "png", "json"];
        Assert.Equal(["0000000", "0000001", "0000002"], samples.Select(sample => Assert.Single(
            sample.Select(file => file.Key).Distinct())));
        Assert.All(samples, sample => Assert.Equal(fields, sample.Select(file => file.Field)));
        Assert.All(samples, sample => AssertFlat(JsonNode.Parse(sample[^1].Data)!.AsObject(), examples, image: null));
        Assert.All(samples, sample => Assert.Equal(
            Texts(new JsonArray([.. (JsonNode.Parse(sample[^1].Data)!["examples"] as JsonArray ?? [])
                .Select(turn => turn!["image"]!.DeepClone())])), fields[..examples]));
        Assert.All(samples, sample => Assert.Equal(32, PictureDecoder.Decode(sample[^2].Data).Width));
    }

    // By another program than the one that writes: GNU tar, which has no use for the library's own habits.
    [Fact]
    public void WebDataset_Shard_IsUnpackedByTarToTheFilesOfItsSamples()
    {
        Given.Export(_folder, ExportFormat.WebDataset, Items, Given.SmallOffset).Run();
        var target = Directory.CreateDirectory(Path.Combine(_folder, ".unpacked")).FullName;

        using (var tar = Process.Start("tar", ["-xf", Path.Combine(_folder, "shard-000000.tar"), "-C", target]))
        {
            Assert.True(tar.WaitForExit(TimeSpan.FromSeconds(60)));
            Assert.Equal(0, tar.ExitCode);
        }

        var names = Directory.GetFiles(target).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal);
        Assert.Equal(["0000000.json", "0000000.png", "0000001.json", "0000001.png", "0000002.json", "0000002.png"],
            names);
        using var row = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(target, "0000001.json")));
        Assert.Equal(1, row.RootElement.GetProperty("seed").GetInt32());
        Assert.Equal(32, PictureDecoder.Decode(File.ReadAllBytes(Path.Combine(target, "0000001.png"))).Width);
    }

    // Pandas and datasets read lines of strict UTF-8 JSON: one byte-order mark or NaN, and a whole file is refused.
    [Theory]
    [InlineData(ExportFormat.LlamaFactory)]   // conversations, as ms-swift's and TRL's
    [InlineData(ExportFormat.Jsonl)]
    public void Rows_OfEveryTask_AreStrictJsonWithoutAByteOrderMark(ExportFormat format)
    {
        foreach (var task in TaskCatalog.All.Where(task => task is not RealTowers))
        {
            var options = new ExportOptions
            {
                Folder = Path.Combine(_folder, task.Spec.Id), Format = format, Items = 2, FirstSeed = 3,
            };
            new Exporter(task, options, Given.Simulator, Given.Renderer).Run();

            var bytes = File.ReadAllBytes(Path.Combine(options.Folder, options.RowFile!));
            Assert.Equal((byte)'{', bytes[0]);
            Assert.Equal((byte)'\n', bytes[^1]);
            Assert.DoesNotContain((byte)'\r', bytes);
            var lines = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes).Split('\n')[..^1];
            Assert.Equal(2, lines.Length);
            Assert.All(lines, line => Assert.Equal(
                JsonValueKind.Object, JsonDocument.Parse(line).RootElement.ValueKind));   // which knows no NaN
        }
    }

    // Hugging Face datasets: a column of {bytes, path} that the file's own metadata calls an Image.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Parquet_File_IsATableWithPicturesInside(int examples)
    {
        Given.Export(_folder, ExportFormat.Parquet, Items, Given.SmallOffset with { Examples = examples }).Run();
        var path = Path.Combine(_folder, "part-000000.parquet");

        var rows = (await ParquetSerializer.DeserializeAsync<ParquetSink.Row>(path)).Data;
        await using var reader = await ParquetReader.CreateAsync(path);

        var features = JsonNode.Parse(reader.CustomMetadata["huggingface"])!["info"]!["features"]!.AsObject();
        Assert.Equal("Image", features["image"]!["_type"]!.GetValue<string>());
        Assert.Equal(reader.Schema.Fields.Select(field => field.Name), features.Select(feature => feature.Key));
        Assert.Equal([0, 1, 2], rows.Select(row => (int)row.Seed));
        Assert.All(rows, row => Assert.Equal(32, PictureDecoder.Decode(row.Image.Bytes).Width));
        Assert.All(rows, row => Assert.True(AnswerText.Read(row.Answer, new Offset().Spec.Answer).IsLegal));
        Assert.All(rows, row => Assert.Equal(examples, row.Examples.Count));
        Assert.All(rows.SelectMany(row => row.Examples), turn => Assert.Equal(
            32, PictureDecoder.Decode(turn.Image.Bytes).Width));
    }

    // Apache Arrow's own reader, which pyarrow, pandas and Hugging Face datasets read with.
    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Parquet_File_IsReadByArrowAsItWasWritten(int examples)
    {
        Given.Export(_folder, ExportFormat.Parquet, Items, Given.SmallOffset with { Examples = examples }).Run();

        using var file = new ParquetSharp.ParquetFileReader(Path.Combine(_folder, "part-000000.parquet"));
        using var rows = file.RowGroup(0);
        var columns = Enumerable.Range(0, file.FileMetaData.NumColumns)
            .ToDictionary(i => file.FileMetaData.Schema.Column(i).Path.ToDotString());
        T[] Read<T>(string column)
        {
            using var reader = rows.Column(columns[column]).LogicalReader<T>();
            return reader.ReadAll(Items);
        }

        Assert.Equal(Items, file.FileMetaData.NumRows);
        Assert.All(Read<ParquetSharp.Nested<byte[]>?>("image.bytes"), picture =>
            Assert.Equal(32, PictureDecoder.Decode(picture!.Value.Value).Width));
        Assert.Equal(["0000000.png", "0000001.png", "0000002.png"],
            Read<ParquetSharp.Nested<string>?>("image.path").Select(name => name!.Value.Value));
        Assert.Equal([0UL, 1, 2], Read<ulong>("seed"));
        Assert.All(Read<string>("split"), split => Assert.Equal("train", split));
        var answers = Read<string>("answer");
        Assert.All(answers, answer => Assert.True(AnswerText.Read(answer, new Offset().Spec.Answer).IsLegal));
        var contents = columns.Keys.Single(name => name.StartsWith("messages.", StringComparison.Ordinal)
            && name.EndsWith(".content", StringComparison.Ordinal));
        var roles = columns.Keys.Single(name => name.StartsWith("messages.", StringComparison.Ordinal)
            && name.EndsWith(".role", StringComparison.Ordinal));
        Assert.All(Read<ParquetSharp.Nested<string>?[]>(roles), turns =>
            Assert.Equal(Alternating(examples), turns.Select(turn => turn!.Value.Value)));
        Assert.All(Read<ParquetSharp.Nested<string>?[]>(contents).Zip(answers), row =>
        {
            Assert.Equal(row.Second, row.First[^1]!.Value.Value);
            Assert.Equal(examples + 1, row.First.Sum(turn => turn!.Value.Value.Split("<image>").Length - 1));
        });
    }

    [Theory]
    [InlineData(ExportFormat.Trl)]
    [InlineData(ExportFormat.MsSwift)]
    [InlineData(ExportFormat.LlamaFactory)]
    [InlineData(ExportFormat.WebDataset)]
    [InlineData(ExportFormat.Parquet)]
    [InlineData(ExportFormat.Jsonl)]
    public void Card_OfADataset_BeginsWithTheYamlThatTheHubReads(ExportFormat format)
    {
        Given.Export(_folder, format, Items, Given.SmallOffset).Run();

        var parts = File.ReadAllText(Path.Combine(_folder, "README.md")).Split("---\n", 3);
        var card = new YamlDotNet.Serialization.DeserializerBuilder().Build()
            .Deserialize<Dictionary<string, object>>(parts[1]);
        var config = Map(Assert.Single((List<object>)card["configs"]));
        var files = Map(Assert.Single((List<object>)config["data_files"]));
        Assert.Empty(parts[0]);
        Assert.StartsWith("\n# Offset-v1, train\n", parts[2], StringComparison.Ordinal);
        Assert.Equal("mit", card["license"]);
        Assert.Equal(["n<1K"], (List<object>)card["size_categories"]);
        Assert.Contains("visual-question-answering", (List<object>)card["task_categories"]);
        Assert.Matches(@"^\w+(\.\w+)*$", (string)files["split"]);   // what datasets takes for a split's name
        Assert.All(((List<object>)files["path"]).Cast<string>(), pattern => Assert.NotEmpty(Directory.GetFiles(
            Path.Combine(_folder, Path.GetDirectoryName(pattern)!),
            Path.GetFileName(pattern).Replace("**", "*", StringComparison.Ordinal), SearchOption.AllDirectories)));

        static Dictionary<object, object> Map(object value) => (Dictionary<object, object>)value;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Jsonl_Rows_AreFlat(int examples)
    {
        foreach (var row in Export(ExportFormat.Jsonl, examples))
        {
            var image = row["image"]!.GetValue<string>();
            AssertFlat(row, examples, image);
            AssertPictures([image, .. (row["examples"] as JsonArray ?? []).Select(turn =>
                turn!["image"]!.GetValue<string>())], examples + 1);
        }
    }

    [Theory]
    [InlineData(PictureFile.Png, "png")]
    [InlineData(PictureFile.Jpeg, "jpg")]
    [InlineData(PictureFile.Webp, "webp")]
    public void Run_OtherPictureFiles_AreNamedAndReadAsSuch(PictureFile pictures, string ending)
    {
        new Exporter(new Offset(), new ExportOptions
        {
            Folder = _folder, Format = ExportFormat.Jsonl, Items = 1, Pictures = pictures, Task = Given.SmallOffset,
        }, Given.Simulator, Given.Renderer).Run();

        var file = File.ReadAllBytes(Path.Combine(_folder, $"pictures/0000/0000000.{ending}"));
        var magic = pictures switch
        {
            PictureFile.Png => "89504E47", PictureFile.Jpeg => "FFD8FF", _ => "52494646",
        };
        Assert.StartsWith(magic, Convert.ToHexString(file), StringComparison.Ordinal);
        Assert.Equal(32, PictureDecoder.Decode(file).Width);
    }

    private JsonObject[] Export(ExportFormat format, int examples)
    {
        Given.Export(_folder, format, Items, Given.SmallOffset with { Examples = examples }).Run();

        var rows = Given.Rows(_folder, format);
        Assert.Equal(Items, rows.Length);
        return rows;
    }

    private void AssertPictures(string[] images, int count)
    {
        Assert.Equal(count, images.Distinct().Count());
        Assert.All(images, image => Assert.Equal(
            32, PictureDecoder.Decode(File.ReadAllBytes(Path.Combine(_folder, image))).Width));
    }

    private static void AssertFlat(JsonObject row, int examples, string? image)
    {
        Assert.Equal(image, row["image"]?.GetValue<string>());
        Assert.Contains("<answer>", row["prompt"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(AnswerText.Read(row["answer"]!.GetValue<string>(), new Offset().Spec.Answer).IsLegal);
        Assert.Equal(examples, (row["examples"] as JsonArray)?.Count ?? 0);
        Assert.Equal("Offset-v1", row["task"]!.GetValue<string>());
    }

    private static IEnumerable<JsonObject> Parts(JsonArray messages) =>
        messages.SelectMany(message => message!["content"]!.AsArray()).Select(part => part!.AsObject());

    private static IEnumerable<string> Alternating(int examples) =>
        Enumerable.Repeat((string[])["user", "assistant"], examples + 1).SelectMany(pair => pair);

    private static string Role(JsonNode? message) => message!["role"]!.GetValue<string>();

    private static string[] Texts(JsonNode? list) => [.. list!.AsArray().Select(text => text!.GetValue<string>())];
}
