using System.Globalization;
using System.Numerics;
using System.Text;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks;

/// <summary>The scenes that every renderer draws: a tower of three blocks and two beside it, each seen from
/// elsewhere.</summary>
internal static class RenderingScenes
{
    /// <summary>Blocks in each scene.</summary>
    public const int Blocks = 5;

    /// <summary>As many scenes, the same on every machine.</summary>
    public static Scene[] Make(int count) => [.. Enumerable.Range(0, count).Select(i => Make((ulong)i))];

    /// <summary>Frame <paramref name="index"/> of one scene whose blocks turn under a camera that stays.</summary>
    public static Scene OfAFilm(int index)
    {
        var scene = Make(seed: 0);
        var turn = Quaternion.CreateFromAxisAngle(Vector3.UnitY, 0.05f * index);
        for (var i = 0; i < scene.Blocks.Count; i++)
        {
            scene.Blocks[i] = scene.Blocks[i] with { Orientation = turn * scene.Blocks[i].Orientation };
        }

        return scene;
    }

    /// <summary>The scenes as numbers in a text for programs in other languages: z up, one line per scene or
    /// block.</summary>
    public static string ToText(Scene[] scenes)
    {
        var text = new StringBuilder();
        Line(text, scenes.Length);
        foreach (var scene in scenes)
        {
            var (eye, target, sun) = (Up(scene.Camera.Eye), Up(scene.Camera.Target), Up(scene.Light.SunDirection));
            Line(text, scene.Blocks.Count, eye.X, eye.Y, eye.Z, target.X, target.Y, target.Z, scene.Camera.FieldOfView,
                sun.X, sun.Y, sun.Z);
            foreach (var block in scene.Blocks)
            {
                var (place, half, color) = (Up(block.Position), block.HalfExtents, block.Color);
                // A quarter turn about x takes y up to z up.
                var turn = Quaternion.Concatenate(block.Orientation, new(MathF.Sqrt(0.5f), 0f, 0f, MathF.Sqrt(0.5f)));
                Line(text, place.X, place.Y, place.Z, half.X, half.Y, half.Z, turn.X, turn.Y, turn.Z, turn.W,
                    color.X, color.Y, color.Z);
            }
        }

        return text.ToString();
    }

    private static Scene Make(ulong seed)
    {
        var random = new RandomStream(seed, 77);
        var scene = new Scene { Ground = (Ground)(seed % 3) };
        Vector3[] halves = [new(0.2f), new(0.36f, 0.1f, 0.12f), new(0.18f, 0.1f, 0.18f), new(0.14f, 0.24f, 0.14f)];
        var top = 0f;
        for (var i = 0; i < Blocks; i++)
        {
            var half = halves[random.NextInt(0, halves.Length)];
            var angle = random.NextFloat(0f, 6.28f);
            var distance = i < 3 ? random.NextFloat(0f, 0.06f) : random.NextFloat(0.6f, 0.95f);
            scene.Blocks.Add(new()
            {
                Position = new(distance * MathF.Cos(angle), i < 3 ? top + half.Y : half.Y, distance * MathF.Sin(angle)),
                HalfExtents = half,
                Orientation = Quaternion.CreateFromAxisAngle(Vector3.UnitY, random.NextFloat(0f, 6.28f)),
                Color = Palettes.Default.Colors[random.NextInt(0, Palettes.Default.Colors.Count)].Linear,
                TextureSeed = (uint)random.NextBits(),
            });
            top += i < 3 ? 2f * half.Y : 0f;
        }

        scene.Camera = Framing.Structure(1.5f, top, new() { Azimuth = random.NextFloat(-3f, 3f), Margin = 0f });
        scene.Light = Framing.Sun(scene.Camera);
        return scene;
    }

    private static Vector3 Up(Vector3 v) => new(v.X, -v.Z, v.Y);

    private static void Line(StringBuilder text, params double[] numbers) =>
        text.AppendLine(string.Join(' ', numbers.Select(n => n.ToString("R", CultureInfo.InvariantCulture))));
}
