using PhysIntuition.Faults;
using PhysIntuition.Server.Commands;

namespace PhysIntuition.Server.Tests;

/// <summary>The verb <c>film</c>, as a user calls it.</summary>
public sealed class FilmCommandTests : IDisposable
{
    private static readonly string[] s_short = ["--seconds", "0.3", "--fps", "10", "--size", "32", "--seed", "4"];

    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-film").FullName;

    [Fact]
    public async Task Film_PngEnding_WritesAnAnimatedPng()
    {
        var path = Path.Combine(_folder, "new", "film.png");

        Assert.Contains("frames of Stability-v1, seed 4", await RunAsync(path), StringComparison.Ordinal);

        var file = File.ReadAllBytes(path);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], file[..4]);
        Assert.True(file.AsSpan().IndexOf("acTL"u8) > 0);
    }

    [Fact]
    public async Task Film_NoEnding_WritesAFolderOfFrames()
    {
        var path = Path.Combine(_folder, "frames");

        await RunAsync(path);

        // Half a second of question and three frames of simulation.
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => $"{i:0000}.png"),
            Directory.GetFiles(path).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Film_UnknownEnding_IsRefusedBeforeAnythingIsWritten()
    {
        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => RunAsync(Path.Combine(_folder, "film.gif")));

        Assert.Equal("file", fault.Field);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Film_HeldOutScene_IsRefused()
    {
        var fault = await Assert.ThrowsAsync<PhysIntuitionException>(
            () => RunAsync(Path.Combine(_folder, "film.png"), "--split", "heldout"));

        Assert.Equal(Fault.NotAllowed, fault.Fault);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<string> RunAsync(string path, params string[] more)
    {
        var (code, printed) = await Given.RunAsync(FilmCommand.Create(), ["Stability-v1", path, .. s_short, .. more]);
        Assert.Equal(0, code);
        return printed;
    }
}
