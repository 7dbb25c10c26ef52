using System.Numerics;
using System.Runtime.InteropServices;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Odd places of the eye, odd blocks, odd sizes: finite numbers and the same bytes at every width.</summary>
public sealed class RobustnessTests
{
    public static TheoryData<string> Oddities => [.. s_oddities.Keys];

    private static readonly SortedDictionary<string, Action<Scene>> s_oddities = new()
    {
        ["eye inside a block"] = s => s.Camera = new() { Eye = new(0.1f, 0.2f, 0.1f), Target = new(5f, 0.1f, 0f) },
        ["eye in a face's plane"] = s => s.Camera = new() { Eye = new(0.2f, 0.3f, 2f), Target = new(0f, 0.2f, 0f) },
        ["eye on a corner"] = s => s.Camera = new() { Eye = new(0.2f, 0.4f, 0.2f), Target = new(3f, 0.2f, 1f) },
        ["eye straight above"] = s => s.Camera = new() { Eye = new(0f, 3f, 0f), Target = new(0f, 0f, 0f) },
        ["eye just above the ground"] = s => s.Camera = new() { Eye = new(0f, 0.001f, 3f), Target = new(0f, 1f, 0f) },
        ["eye that looks up"] = s => s.Camera = new() { Eye = new(0f, 1f, 3f), Target = new(0f, 9f, 2f) },
        ["widest lens"] = s => s.Camera = s.Camera with { FieldOfView = 2f },
        ["sun overhead"] = s => s.Light = new() { SunDirection = Vector3.UnitY, SunRadius = 0f },
        ["sun along a face"] = s => s.Light = new() { SunDirection = new(0f, 0.8f, 0.6f) },
        ["thin sheet"] = s => s.Blocks[0] = s.Blocks[0] with { HalfExtents = new(2f, 0.005f, 2f) },
        ["needle"] = s => s.Blocks[0] = s.Blocks[0] with { HalfExtents = new(0.005f, 50f, 0.005f) },
        ["block under the ground"] = s => s.Blocks[0] = s.Blocks[0] with { Position = new(0f, -3f, 0f) },
        ["blocks in one place"] = s => s.Blocks.Add(s.Blocks[0]),
        ["a camera far away"] = s => s.Camera = new() { Eye = new(0f, 300f, 900f), Target = new(0f, 0f, 0f) },
        ["no block"] = s => s.Blocks.Clear(),
        ["most blocks"] = s => s.Blocks.AddRange(Enumerable.Range(1, Scene.MaxBlocks - 1).Select(i =>
            new Block
            {
                Position = new((i % 8) - 4f, 0.2f, (i / 8) - 4f), HalfExtents = new(0.2f), Material = (Material)(i % 6),
            })),
    };

    [Theory]
    [MemberData(nameof(Oddities))]
    public void Draw_Oddity_StaysFiniteAndEqual(string oddity)
    {
        foreach (var ground in Enum.GetValues<Ground>())
        {
            var scene = Given.OneCube();
            scene.Ground = ground;
            s_oddities[oddity](scene);
            var format = new FrameFormat(40, 24, Given.AllChannels, 8);

            var scalar = Given.Draw(new CpuRenderer(LaneWidth.One, 1), format, scene);
            var wide = Given.Draw(new CpuRenderer(LaneWidth.Eight, 1), format, scene);

            Assert.Equal(scalar, wide);
            var floats = MemoryMarshal.Cast<byte, float>(scalar.AsSpan(format.Pixels * 7));
            foreach (var value in floats)
            {
                Assert.False(float.IsNaN(value));
                Assert.True(value >= -1.001f);
            }
        }
    }

    [Theory]
    [InlineData(16, 16)]
    [InlineData(17, 1024)]
    [InlineData(1024, 18)]
    [InlineData(1023, 1021)]
    public void Draw_ExtremeSizes_FillsEveryPixelAndNoMore(int width, int height)
    {
        // A guard behind the picture must survive, and no pixel of a lit studio is black.
        var rgb = new byte[(width * height * 3) + 64];
        rgb.AsSpan(width * height * 3).Fill(0xA5);
        new CpuRenderer().Draw([Given.OneCube()], new(width, height), new() { Rgb = rgb });

        Assert.Equal(-1, rgb.AsSpan(width * height * 3).IndexOfAnyExcept((byte)0xA5));
        for (var i = 0; i < width * height; i++)
        {
            Assert.True(rgb[i * 3] + rgb[(i * 3) + 1] + rgb[(i * 3) + 2] > 0, $"pixel {i % width}, {i / width}");
        }
    }

    [Fact]
    public void Draw_ScaledScene_LooksTheSame()
    {
        // Textures, bevels and contact shading are in units of the blocks: a power of two changes no bit of them.
        var small = Given.Clutter(4, 6, edge: 0.25f);
        var large = Given.Clutter(4, 6, edge: 0.25f);
        for (var i = 0; i < large.Blocks.Count; i++)
        {
            var block = large.Blocks[i];
            large.Blocks[i] = block with { Position = block.Position * 4f, HalfExtents = block.HalfExtents * 4f };
        }

        large.Camera = large.Camera with { Eye = large.Camera.Eye * 4f, Target = large.Camera.Target * 4f };

        Assert.Equal(Given.DrawRgb(small, 64, 64), Given.DrawRgb(large, 64, 64));
    }
}
