using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Pictures that were looked at before they were committed; every width writes their very files.</summary>
/// <remarks>Set PHYSINTUITION_UPDATE_GOLDEN=1 to write them anew, look at each, and explain the change.</remarks>
public sealed class GoldenTests
{
    private const int Side = 128;

    public static TheoryData<string> Names => [.. Gallery.Pictures.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Draw_Picture_IsTheGoldenFileAtEveryWidth(string name)
    {
        var scene = Gallery.Pictures[name]();
        var files = new List<byte[]>();
        foreach (var width in (LaneWidth[])[LaneWidth.One, LaneWidth.Eight, LaneWidth.Sixteen])
        {
            var rgb = new byte[Side * Side * 3];
            new CpuRenderer(width, 1).Draw([scene], new(Side, Side, Channels.Rgb, 8), new() { Rgb = rgb });
            files.Add(PngEncoder.Encode(rgb, Side, Side));
        }

        if (Environment.GetEnvironmentVariable("PHYSINTUITION_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllBytes(Path.Combine(SourceFolder(), $"{name}.png"), files[0]);
        }

        var golden = File.ReadAllBytes(Path.Combine(SourceFolder(), $"{name}.png"));
        Assert.All(files, file => Assert.Equal(golden, file));
    }

    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
            {
                return Path.Combine(folder.FullName, "tests", "PhysIntuition.Rendering.Tests", "Golden");
            }
        }

        throw new DirectoryNotFoundException("The repository's root is not above the test program.");
    }
}
