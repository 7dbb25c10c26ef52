using System.Numerics;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Scenes that several tests look at.</summary>
internal static class Given
{
    public const Channels AllChannels =
        Channels.Rgb | Channels.Depth | Channels.Segmentation | Channels.Normals | Channels.Albedo;

    /// <summary>One cube on the ground before a level-headed camera.</summary>
    public static Scene OneCube(float edge = 0.4f)
    {
        var scene = new Scene { Camera = Framing.Tower(edge, edge) };
        scene.Blocks.Add(new() { Position = new(0f, edge / 2f, 0f), HalfExtents = new(edge / 2f) });
        return scene;
    }

    /// <summary>A leaning tower and some blocks beside it, some tilted: another for each seed.</summary>
    public static Scene Clutter(
        ulong seed, int blocks, Ground ground = Ground.Tiles, Look look = Look.Studio, float edge = 0.4f)
    {
        var random = new RandomStream(seed);
        var scene = new Scene { Ground = ground, Look = look };
        var top = 0f;
        for (var i = 0; i < blocks; i++)
        {
            var half = new Vector3(
                random.NextFloat(0.35f, 0.9f), random.NextFloat(0.25f, 0.6f), random.NextFloat(0.3f, 0.5f)) * edge;
            var turn = Turn(Vector3.UnitY, random.NextFloat(0f, 6.28f));
            var place = new Vector3(
                random.NextFloat(-0.1f, 0.1f) * edge, top + half.Y, random.NextFloat(-0.1f, 0.1f) * edge);
            if (i % 2 == 1)
            {
                var (far, angle) = (random.NextFloat(1.5f, 2.4f) * edge, random.NextFloat(0f, 6.28f));
                place = new(far * MathF.Cos(angle), 1.2f * half.X, far * MathF.Sin(angle));
                turn = Quaternion.Normalize(turn * Turn(Vector3.UnitX, random.NextFloat(0f, 1f)));
            }
            else
            {
                top += 2f * half.Y;
            }

            scene.Blocks.Add(new()
            {
                Position = place,
                HalfExtents = half,
                Orientation = turn,
                Color = Palettes.Default.Colors[random.NextInt(0, Palettes.Default.Colors.Count)].Linear,
                Material = (Material)(i % 6),
                TextureSeed = (uint)random.NextBits(),
            });
        }

        scene.Camera = Framing.Structure(3.2f * edge, top, new() { Azimuth = random.NextFloat(-3f, 3f) });
        scene.Light = Framing.Sun(scene.Camera);
        return scene;
    }

    /// <summary>A rotation about a unit axis.</summary>
    public static Quaternion Turn(Vector3 axis, float angle) => Quaternion.CreateFromAxisAngle(axis, angle);

    /// <summary>All channels of a batch, one after the other in one array.</summary>
    public static byte[] Draw(IRenderer renderer, FrameFormat format, params Scene[] scenes)
    {
        var pixels = format.Pixels * scenes.Length;
        var bytes = new byte[pixels * 7];
        var floats = new float[pixels * 4];
        renderer.Draw(scenes, format, new()
        {
            Rgb = bytes.AsSpan(0, pixels * 3),
            Albedo = bytes.AsSpan(pixels * 3, pixels * 3),
            Segmentation = bytes.AsSpan(pixels * 6, pixels),
            Depth = floats.AsSpan(0, pixels),
            Normals = floats.AsSpan(pixels, pixels * 3),
        });
        return [.. bytes, .. System.Runtime.InteropServices.MemoryMarshal.AsBytes(floats.AsSpan())];
    }

    /// <summary>The colour picture of one scene.</summary>
    public static byte[] DrawRgb(Scene scene, int width, int height, int samples = 4)
    {
        var rgb = new byte[width * height * 3];
        new CpuRenderer().Draw([scene], new(width, height, Channels.Rgb, samples), new() { Rgb = rgb });
        return rgb;
    }
}

/// <summary>Every channel of one drawn scene.</summary>
internal sealed record Frames(byte[] Rgb, float[] Depth, byte[] Segmentation, float[] Normals, byte[] Albedo)
{
    public static Frames Of(Scene scene, int width, int height, int samples = 4)
    {
        var pixels = width * height;
        var frames = new Frames(
            new byte[pixels * 3], new float[pixels], new byte[pixels], new float[pixels * 3], new byte[pixels * 3]);
        new CpuRenderer().Draw([scene], new(width, height, Given.AllChannels, samples), new()
        {
            Rgb = frames.Rgb, Depth = frames.Depth, Segmentation = frames.Segmentation, Normals = frames.Normals,
            Albedo = frames.Albedo,
        });

        return frames;
    }
}
