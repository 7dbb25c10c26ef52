using PhysIntuition.Faults;
using PhysIntuition.Server.Commands;

namespace PhysIntuition.Server.Tests;

/// <summary>The verb <c>film</c>, as a user calls it.</summary>
public sealed class FilmCommandTests : IDisposable
{
    private static readonly string[] s_short = ["--seconds", "0.3", "--fps", "10", "--size", "32", "--seed", "4"];

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-film").FullName;

    [Fact]
    public void Film_PngEnding_WritesAnAnimatedPng()
    {
        var path = Path.Combine(_folder, "new", "film.png");

        Assert.Equal(0, Run(path));

        var file = File.ReadAllBytes(path);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], file[..4]);
        Assert.True(file.AsSpan().IndexOf("acTL"u8) > 0);
    }

    [Fact]
    public void Film_NoEnding_WritesAFolderOfFrames()
    {
        var path = Path.Combine(_folder, "frames");

        Assert.Equal(0, Run(path));

        // Half a second of question and three frames of simulation.
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"{i:0000}.png"),
            Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Film_UnknownEnding_IsRefusedBeforeAnythingIsWritten()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => Run(Path.Combine(_folder, "film.gif")));

        Assert.Equal("file", fault.Field);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Film_HeldOutScene_IsRefused() => Assert.Equal(Fault.NotAllowed, Assert.Throws<PhysIntuitionException>(
        () => Run(Path.Combine(_folder, "film.png"), "--split", "heldout")).Fault);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static int Run(string path, params string[] more) => FilmCommand.Create()
        .Parse(["Stability-v1", path, .. s_short, .. more]).Invoke(new() { EnableDefaultExceptionHandler = false });
}
