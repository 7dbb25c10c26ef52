using PhysIntuition.Faults;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Bad input is refused with field, value, rule and remedy.</summary>
public sealed class DrawChecksTests
{
    public static TheoryData<string> BadScenes => [.. s_badScenes.Keys];

    private static readonly SortedDictionary<string, Action<Scene>> s_badScenes = new()
    {
        ["blocks[0].position.x"] = s => s.Blocks[0] = s.Blocks[0] with { Position = new(float.NaN, 0f, 0f) },
        ["blocks[0].half_extents.y"] = s => s.Blocks[0] = s.Blocks[0] with { HalfExtents = new(1f, 0f, 1f) },
        ["blocks[0].orientation"] = s => s.Blocks[0] = s.Blocks[0] with { Orientation = default },
        ["blocks[0].color.b"] = s => s.Blocks[0] = s.Blocks[0] with { Color = new(0f, 0f, 1.5f) },
        ["blocks[0].material"] = s => s.Blocks[0] = s.Blocks[0] with { Material = (Material)77 },
        ["blocks"] = s => s.Blocks.AddRange(Enumerable.Repeat(new Block(), 64)),
        ["overlays"] = s => s.Overlays.AddRange(Enumerable.Repeat(default(Overlay), 65)),
        ["overlays.size"] = s => s.Overlays.Add(new(OverlayKind.Zone, default, default, 1e30f, default)),
        ["overlays.text"] = s => s.Overlays.Add(new(OverlayKind.Label, default, default, 1f, default, "far too long")),
        ["camera.eye.y"] = s => s.Camera = s.Camera with { Eye = new(0f, -1f, 3f) },
        ["camera.target"] = s => s.Camera = s.Camera with { Target = s.Camera.Eye },
        ["camera.field_of_view"] = s => s.Camera = s.Camera with { FieldOfView = 3f },
        ["light.sun_direction"] = s => s.Light = s.Light with { SunDirection = new(0f, 2f, 0f) },
        ["light.sun_direction.y"] = s => s.Light = s.Light with { SunDirection = new(1f, 0f, 0f) },
        ["light.sun_radius"] = s => s.Light = s.Light with { SunRadius = -1f },
        ["light.sun_color.r"] = s => s.Light = s.Light with { SunColor = new(float.NaN, 0f, 0f) },
        ["ground"] = s => s.Ground = (Ground)99,
        ["look"] = s => s.Look = (Look)99,
        ["tile_size"] = s => s.TileSize = -2f,
    };

    [Theory]
    [MemberData(nameof(BadScenes))]
    public void Draw_BadScene_NamesTheField(string field)
    {
        var scene = Given.OneCube();
        s_badScenes[field](scene);

        var fault = Assert.Throws<PhysIntuitionException>(() => Given.DrawRgb(scene, 32, 32));

        Assert.Equal($"scenes[0].{field}", fault.Field);
        Assert.Contains($"'scenes[0].{field}' ", fault.Message, StringComparison.Ordinal);
        Assert.EndsWith(".", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(15, 32, 4, Channels.Rgb, "format.width")]
    [InlineData(32, 1025, 4, Channels.Rgb, "format.height")]
    [InlineData(32, 32, 5, Channels.Rgb, "format.samples")]
    [InlineData(32, 32, 4, Channels.None, "format.channels")]
    [InlineData(32, 32, 4, (Channels)64, "format.channels")]
    [InlineData(64, 64, 4, Channels.Rgb, "frames.rgb")]
    [InlineData(32, 32, 4, Channels.Depth, "frames.depth")]
    [InlineData(32, 32, 4, Channels.Normals, "frames.normals")]
    public void Draw_BadFormatOrBuffer_NamesTheField(
        int width, int height, int samples, Channels channels, string field)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => new CpuRenderer().Draw(
            [Given.OneCube()], new(width, height, channels, samples), new() { Rgb = new byte[32 * 32 * 3] }));

        Assert.Equal(field, fault.Field);
    }

    [Fact]
    public void Draw_NoScene_IsRefused()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => new CpuRenderer().Draw([], new FrameFormat(), default));

        Assert.Equal("scenes", fault.Field);
    }

    [Fact]
    public void Draw_NoSceneInAPlace_NamesIt()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => new CpuRenderer().Draw([Given.OneCube(), null!], new(16, 16), new() { Rgb = new byte[2 * 16 * 48] }));

        Assert.Equal("scenes[1]", fault.Field);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void Constructor_ThreadsOutOfRange_AreRefused(int threads) => Assert.Equal(
        "threads", Assert.Throws<PhysIntuitionException>(() => new CpuRenderer(threads: threads)).Field);

    [Fact]
    public void FrameFormat_WithoutArguments_IsTheDocumentedDefault() =>
        Assert.Equal(new FrameFormat(224, 224, Channels.Rgb, 4), new FrameFormat());
}
