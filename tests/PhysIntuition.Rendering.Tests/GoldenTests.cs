using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Pictures that were looked at before they were committed; every width writes their very files.</summary>
public sealed class GoldenTests
{
    private const int Side = 128;

    public static TheoryData<string> Names => [.. Gallery.Pictures.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Draw_Picture_IsTheGoldenFileAtEveryWidth(string name)
    {
        var scene = Gallery.Pictures[name]();
        foreach (var width in (LaneWidth[])[LaneWidth.One, LaneWidth.Eight, LaneWidth.Sixteen])
        {
            var rgb = new byte[Side * Side * 3];
            new CpuRenderer(width, 1).Draw([scene], new(Side, Side, Channels.Rgb, 8), new() { Rgb = rgb });
            Golden.AssertBytes($"{name}.png", PngEncoder.Encode(rgb, Side, Side));
        }
    }
}

/// <summary>Values that were looked at before they were committed, see <see cref="Goldens"/>.</summary>
internal static class Golden
{
    private const string Folder = "tests/PhysIntuition.Rendering.Tests/Golden/";

    /// <summary>The file's bytes are these.</summary>
    public static void AssertBytes(string file, byte[] bytes) =>
        Assert.Equal(Goldens.Bytes(Folder + file, bytes), bytes);

    /// <summary>The file has this one line.</summary>
    public static void AssertText(string file, string line) =>
        AssertBytes(file, System.Text.Encoding.UTF8.GetBytes(line + '\n'));
}
