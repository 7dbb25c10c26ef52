using System.Security.Cryptography;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests;

/// <summary>What an export keeps, goes on with, and refuses; what formats look like is in ExportFormatTests.</summary>
public sealed class ExporterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("export-").FullName;

    public static TheoryData<ExportFormat> Formats => new(Enum.GetValues<ExportFormat>());

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Run_AfterAnInterruption_GivesTheSameBytes(ExportFormat format)
    {
        var (whole, parts) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "parts"));
        Given.Export(whole, format, 300).Run();
        using var stop = new CancellationTokenSource();
        var progress = new Stop(stop);
        Assert.Throws<OperationCanceledException>(() => Given.Export(parts, format, 300).Run(progress, stop.Token));
        Assert.Equal(256, progress.Items);
        LeaveHalfAChunk(parts, format);

        Given.Export(parts, format, 300).Run();

        Assert.Equal(Files(whole).Keys, Files(parts).Keys);
        // Swift's rows hold whole paths, and so does their hash.
        var alike = Files(whole).Where(file => format != ExportFormat.MsSwift || file.Key != "progress.json");
        Assert.All(alike, file => Assert.Equal(
            file.Value.Replace(whole, parts, StringComparison.Ordinal), Files(parts)[file.Key]));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Run_MoreItemsThanBefore_KeepsWhatIsThere(ExportFormat format)
    {
        Given.Export(_folder, format, 10).Run();
        var before = Files(_folder);

        Given.Export(_folder, format, 300).Run();

        var after = Files(_folder);
        string[] pages = ["README.md", "progress.json"], growing = ["data.jsonl", "metadata.jsonl", "SHA256SUMS"];
        Assert.All(before.Keys.Except(pages), name => Assert.StartsWith(
            before[name], after[name], StringComparison.Ordinal));
        Assert.All(before.Keys.Except(pages).Except(growing), name => Assert.Equal(before[name], after[name]));
        Assert.Contains("| items | 300 |", after["README.md"], StringComparison.Ordinal);
        Assert.Equal(300, Given.Seeds(_folder, format).Distinct().Count());
    }

    [Fact]
    public void Run_FewerItemsThanThereAre_IsRefused()
    {
        Given.Export(_folder, ExportFormat.Jsonl, 10).Run();

        var fault = Assert.Throws<PhysIntuitionException>(() => Given.Export(_folder, ExportFormat.Jsonl, 5).Run());

        Assert.Contains("holds 10 items already and 5 are asked for", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("thesis.tex")]
    [InlineData("README.md")]
    [InlineData("data.jsonl")]
    [InlineData("pictures/0000/0000000.png")]
    [InlineData("progress.json.part")]
    public void Run_FolderWithFilesOfOthers_NamesThemAndTouchesNothing(string name)
    {
        Save(name, "mine");

        var fault = Assert.Throws<PhysIntuitionException>(() => Given.Export(_folder, ExportFormat.Jsonl, 2).Run());

        Assert.Equal("folder", fault.Field);
        Assert.Contains($"it holds files that the export did not write: {name}.", fault.Message,
            StringComparison.Ordinal);
        Assert.Equal([name], Files(_folder).Keys);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, name)));
    }

    [Theory]
    [InlineData(ExportFormat.Jsonl, "pictures/0000/0000002.png")]
    [InlineData(ExportFormat.Jsonl, "pictures/0000/0000001-1.jpg")]
    [InlineData(ExportFormat.WebDataset, "shard-000001.tar")]
    [InlineData(ExportFormat.Parquet, "data.jsonl")]
    public void Run_FileOfOthersAmongItsOwn_IsNamed(ExportFormat format, string name)
    {
        Given.Export(_folder, format, 2).Run();
        Save(name, "mine");

        var fault = Assert.Throws<PhysIntuitionException>(() => Given.Export(_folder, format, 4).Run());

        Assert.Contains($"did not write: {name}.", fault.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(Path.Combine(_folder, name)));
    }

    [Theory]
    [InlineData(ExportFormat.Jsonl, "data.jsonl")]
    [InlineData(ExportFormat.Trl, "metadata.jsonl")]
    [InlineData(ExportFormat.Jsonl, "pictures/0000/0000001.png")]
    [InlineData(ExportFormat.Jsonl, "README.md")]
    [InlineData(ExportFormat.Jsonl, "SHA256SUMS")]
    [InlineData(ExportFormat.LlamaFactory, "dataset_info.json")]
    [InlineData(ExportFormat.WebDataset, "shard-000000.tar")]
    [InlineData(ExportFormat.Parquet, "part-000000.parquet")]
    public void Run_OwnFileThatHasChanged_IsNamed(ExportFormat format, string name)
    {
        Given.Export(_folder, format, 2).Run();
        File.AppendAllText(Path.Combine(_folder, name), "{}\n");
        var changed = Assert.Throws<PhysIntuitionException>(() => Given.Export(_folder, format, 4).Run());
        File.Delete(Path.Combine(_folder, name));
        var gone = Assert.Throws<PhysIntuitionException>(() => Given.Export(_folder, format, 4).Run());

        var says = $"have changed since the export wrote them, or are gone: {name}.";
        Assert.Contains(says, changed.Message, StringComparison.Ordinal);
        Assert.Contains(says, gone.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_HiddenFilesOfOthers_AreNobodysBusiness()
    {
        Save(".git/HEAD", "ref: main");
        Save("pictures/.DS_Store", "x");

        Given.Export(_folder, ExportFormat.Jsonl, 2).Run();

        Assert.Equal("ref: main", File.ReadAllText(Path.Combine(_folder, ".git/HEAD")));
    }

    [Fact]
    public void Run_Finished_LeavesSumsThatSha256SumReads()
    {
        Given.Export(_folder, ExportFormat.Jsonl, 3).Run();

        var lines = File.ReadAllLines(Path.Combine(_folder, "SHA256SUMS")).Select(line => line.Split("  "));
        Assert.Equal(["pictures/0000/0000000.png", "pictures/0000/0000001.png", "pictures/0000/0000002.png"],
            lines.Select(line => line[1]));
        Assert.All(lines, line => Assert.Equal(line[0], Convert.ToHexStringLower(
            SHA256.HashData(File.ReadAllBytes(Path.Combine(_folder, line[1]))))));
    }

    [Fact]
    public void Run_OtherOptionsInTheSameFolder_IsRefused()
    {
        Given.Export(_folder, ExportFormat.Jsonl, 2).Run();

        var other = Given.Export(
            _folder, ExportFormat.Jsonl, 2, Given.SmallOffset with { Palette = PaletteName.Greys });
        var format = Given.Export(_folder, ExportFormat.Trl, 2);

        Assert.Equal("folder", Assert.Throws<PhysIntuitionException>(() => other.Run()).Field);
        Assert.Equal("folder", Assert.Throws<PhysIntuitionException>(() => format.Run()).Field);
    }

    [Fact]
    public void Run_TwoAtATime_RefusesTheSecond()
    {
        var second = Record.Exception(() => Given.Export(_folder, ExportFormat.Jsonl, 2)
            .Run(new Callback(() => Given.Export(_folder, ExportFormat.Jsonl, 2).Run())));

        Assert.Contains("another export is writing there", Assert.IsType<PhysIntuitionException>(second).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void New_HeldOutSplit_IsRefused()
    {
        var options = new ExportOptions { Folder = _folder, Choice = new SplitChoice(Split.Heldout, null) };

        var error = Assert.Throws<PhysIntuitionException>(
            () => new Exporter(new Offset(), options, Given.Simulator, Given.Renderer));

        Assert.Equal(Fault.NotAllowed, error.Fault);
    }

    [Theory]
    [InlineData(0, 90, "items")]
    [InlineData(10_000_001, 90, "items")]
    [InlineData(1, 0, "quality")]
    [InlineData(1, 101, "quality")]
    public void New_NumberOutOfRange_IsNamed(int items, int quality, string field)
    {
        var options = new ExportOptions { Folder = _folder, Items = items, Quality = quality };

        var fault = Assert.Throws<PhysIntuitionException>(
            () => new Exporter(new Offset(), options, Given.Simulator, Given.Renderer));

        Assert.Equal(field, fault.Field);
    }

    // As a process leaves it that is killed while it writes: begun, some files whole, one half, one row half.
    private static void LeaveHalfAChunk(string folder, ExportFormat format)
    {
        var progress = Path.Combine(folder, "progress.json");
        var state = JsonNode.Parse(File.ReadAllText(progress))!;
        state["Writing"] = 300;
        File.WriteAllText(progress, state.ToJsonString());
        var options = new ExportOptions { Folder = folder, Format = format };
        var next = options.RowFile is null ? options.ShardName(1) : options.PictureName(256, 0);
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, next))!);
        File.WriteAllText(Path.Combine(folder, next), "whole, and not in the sums");
        File.WriteAllText(Path.Combine(folder, next + ".part"), "half");
        File.AppendAllText(Path.Combine(folder, "SHA256SUMS"), "0123  " + next);
        if (options.RowFile is { } rows)
        {
            File.AppendAllText(Path.Combine(folder, rows), "{\"half a line");
        }
    }

    // By name; Latin-1 keeps every byte.
    private static SortedDictionary<string, string> Files(string folder) => new(
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories).ToDictionary(
            file => Path.GetRelativePath(folder, file), file => File.ReadAllText(file, System.Text.Encoding.Latin1)),
        StringComparer.Ordinal);

    private void Save(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, name))!);
        File.WriteAllText(Path.Combine(_folder, name), text);
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<int>
    {
        public int Items { get; private set; }

        public void Report(int value)
        {
            Items = value;
            source.Cancel();
        }
    }

    private sealed class Callback(Action call) : IProgress<int>
    {
        public void Report(int value) => call();
    }
}
