using System.Text.Json;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Tests.Datasets;

public sealed class ExporterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ExportFormat.Chat)]
    [InlineData(ExportFormat.WebDataset)]
    public void Run_AfterAnInterruption_GivesTheSameBytes(ExportFormat format)
    {
        var (whole, parts) = (Path.Combine(_folder, "whole"), Path.Combine(_folder, "parts"));
        Export(whole, format, 300).Run();
        using var stop = new CancellationTokenSource();
        var progress = new Stop(stop);
        Assert.Throws<OperationCanceledException>(() => Export(parts, format, 300).Run(progress, stop.Token));
        Assert.Equal(256, progress.Items);
        if (format == ExportFormat.Chat)
        {
            File.AppendAllText(Path.Combine(parts, "data.jsonl"), "{\"half a line");
        }

        Export(parts, format, 300).Run();

        string[] Files(string folder) => [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Order(
            StringComparer.Ordinal)];
        Assert.Equal(Files(whole).Select(f => f[whole.Length..]), Files(parts).Select(f => f[parts.Length..]));
        Assert.All(Files(whole).Zip(Files(parts)),
            pair => Assert.Equal(File.ReadAllBytes(pair.First), File.ReadAllBytes(pair.Second)));
    }

    [Fact]
    public void Run_WithExamples_PutsThemBeforeTheQuestion()
    {
        Export(_folder, ExportFormat.Chat, 2, new OffsetOptions { Examples = 3, PictureWidth = 32, PictureHeight =
            32 }).Run();

        var line = JsonDocument.Parse(File.ReadLines(Path.Combine(_folder, "data.jsonl")).First()).RootElement;
        Assert.Equal(8, line.GetProperty("messages").GetArrayLength());
        var images = line.GetProperty("images").EnumerateArray().Select(i => i.GetString()!).ToList();
        Assert.Equal(4, images.Distinct().Count());
        Assert.All(images, image => Assert.True(File.Exists(Path.Combine(_folder, image))));
        var answer = line.GetProperty("messages")[7].GetProperty("content")[0].GetProperty("text").GetString();
        Assert.True(new Offset().Spec.Answer.Count == 2 && Environments.Answers.AnswerText.Read(answer,
            new Offset().Spec.Answer).IsLegal);
        Assert.Contains("| items | 2 |", File.ReadAllText(Path.Combine(_folder, "README.md")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Run_OtherOptionsInTheSameFolder_IsRefused()
    {
        Export(_folder, ExportFormat.Chat, 2).Run();

        var other = Export(_folder, ExportFormat.Chat, 2, new OffsetOptions { Palette = Palette.Greys, PictureWidth =
            32, PictureHeight = 32 });
        Assert.Equal("folder", Assert.Throws<PhysIntuitionException>(() => other.Run()).Field);
    }

    [Fact]
    public void New_HeldOutSplit_IsRefused()
    {
        var options = new ExportOptions { Folder = _folder, Choice = new SplitChoice(Split.Heldout, null) };

        var error = Assert.Throws<PhysIntuitionException>(
            () => new Exporter(new Offset(), options, Given.Simulator, Given.Renderer));

        Assert.Equal(Fault.NotAllowed, error.Fault);
    }

    private static Exporter Export(string folder, ExportFormat format, int items, TaskOptions? options = null) => new(
        new Offset(), new ExportOptions
        {
            Folder = folder, Format = format, Items = items,
            Task = options ?? new OffsetOptions { PictureWidth = 32, PictureHeight = 32 },
        }, Given.Simulator, Given.Renderer);

    private sealed class Stop(CancellationTokenSource source) : IProgress<int>
    {
        public int Items { get; private set; }

        public void Report(int value)
        {
            Items = value;
            source.Cancel();
        }
    }
}
