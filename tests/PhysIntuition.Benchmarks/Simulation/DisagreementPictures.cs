using System.Numerics;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Draws a scene three times side by side: as arranged, after our run, after MuJoCo's.</summary>
internal static class DisagreementPictures
{
    private const int Size = 320;   // pixels of one frame's edge

    private static readonly Vector3[] s_colors =
        [new(0.62f, 0.12f, 0.10f), new(0.10f, 0.25f, 0.55f), new(0.75f, 0.52f, 0.08f), new(0.12f, 0.42f, 0.18f)];

    /// <summary>Writes one PNG per named scene into a folder.</summary>
    public static void Save(Comparison comparison, IEnumerable<int> scenes, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var i in scenes)
        {
            var (start, ours, theirs) = (comparison.Starts[i], comparison.Ours[i].End, comparison.Theirs[i].End);
            var camera = CameraOf(start, ours, theirs);
            var strip = Strip([ToScene(start, camera), ToScene(ours, camera), ToScene(theirs, camera)]);
            File.WriteAllBytes(
                Path.Combine(folder, $"{comparison.Family}-{i}.png"), PngEncoder.Encode(strip, 3 * Size, Size));
        }
    }

    private static byte[] Strip(Scene[] scenes)
    {
        var format = new FrameFormat(Size, Size);
        var frameBytes = format.BytesOf(Channels.Rgb);
        var frames = new byte[scenes.Length * frameBytes];
        new CpuRenderer().Draw(scenes, format, new() { Rgb = frames });
        var strip = new byte[frames.Length];
        var rowBytes = Size * 3;
        for (var row = 0; row < Size; row++)
        {
            for (var k = 0; k < scenes.Length; k++)
            {
                frames.AsSpan((k * frameBytes) + (row * rowBytes), rowBytes)
                    .CopyTo(strip.AsSpan(((row * scenes.Length) + k) * rowBytes));
            }
        }

        return strip;
    }

    private static Scene ToScene(World world, Camera camera)
    {
        var scene = new Scene { Camera = camera };
        for (var i = 0; i < world.Bodies.Count; i++)
        {
            var body = world.Bodies[i];
            scene.Blocks.Add(new()
            {
                Position = body.Position,
                Orientation = body.Orientation,
                HalfExtents = body.HalfExtents,
                Color = s_colors[i % s_colors.Length],
                TextureSeed = (uint)i,
            });
        }

        return scene;
    }

    // Far enough to see every body at both ends.
    private static Camera CameraOf(params World[] worlds)
    {
        var points = worlds.SelectMany(world => world.Bodies).Select(body => body.Position).ToArray();
        var low = points.Aggregate(Vector3.Min);
        var high = points.Aggregate(Vector3.Max);
        var middle = (low + high) / 2;
        var distance = 1.5f + (1.6f * (high - low).Length());
        var eye = middle + (Vector3.Normalize(new(0.45f, 0.4f, 1f)) * distance);
        return new() { Eye = eye with { Y = MathF.Max(eye.Y, 0.3f) }, Target = middle };
    }
}
