using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>The scenes of the golden pictures; exact operations only, so that they are the same everywhere.</summary>
internal static class Gallery
{
    private const float Edge = 0.4f;   // m

    public static readonly SortedDictionary<string, Func<Scene>> Pictures = new(StringComparer.Ordinal)
    {
        ["ground-plain"] = () => Tower(Ground.Plain),
        ["ground-tiles"] = () => Tower(Ground.Tiles),
        ["ground-planks"] = () => Tower(Ground.Planks),
        ["ground-checker"] = () => Tower(Ground.Checker),
        ["ground-table"] = () => Tower(Ground.Table),
        ["ground-backdrop"] = () => Tower(Ground.Backdrop),
        ["look-cubeworld"] = () => Tower(Ground.Plain, Look.Cubeworld),
        ["look-photo"] = Photo,
        ["look-schematic"] = () => Tower(Ground.Tiles, Look.Schematic),
        ["materials"] = Materials,
        ["overlays"] = Overlays,
        ["pyramid"] = Pyramid,
    };

    /// <summary>Turned about the vertical by 2 atan(t), without a sine.</summary>
    public static Quaternion Turned(float t)
    {
        var length = MathF.Sqrt(1f + (t * t));
        return new(0f, t / length, 0f, 1f / length);
    }

    private static Scene Tower(Ground ground, Look look = Look.Studio)
    {
        var scene = new Scene { Ground = ground, Look = look, Camera = Framing.Tower(4f * Edge, Edge) };
        scene.Light = Framing.Sun(scene.Camera);
        string[] colors = ["blue", "yellow", "green", "purple"];
        float[] shifts = [0f, 0.1f, -0.06f, 0.12f];
        for (var i = 0; i < 4; i++)
        {
            var place = new Vector3(shifts[i], (i + 0.5f) * Edge, shifts[3 - i] / 2f);
            scene.Blocks.Add(Cube(place, 0.1f * i, colors[i], (uint)i));
        }

        scene.Blocks.Add(Cube(new(0.75f, Edge / 2f, 0.25f), 0.3f, "red", 9));
        return scene;
    }

    private static Scene Photo()
    {
        var scene = new Scene
        {
            Ground = Ground.Backdrop,
            Look = Look.Photo,
            Camera = Framing.Tower(
                3f * Edge, Edge, new() { Azimuth = 0.1f, Elevation = 0.1f, FieldOfView = 0.5f, Margin = 0.4f }),
        };
        scene.Light = Framing.Sun(scene.Camera);
        for (var i = 0; i < 3; i++)
        {
            var cube = Cube(new(0.05f * (i % 2), (i + 0.5f) * Edge, 0f), 0.2f + (0.15f * i), "red", (uint)i);
            cube.Color = Palettes.Cubes.Colors[i].Linear;
            scene.Blocks.Add(cube);
        }

        return scene;
    }

    private static Scene Materials()
    {
        var scene = new Scene { Camera = Framing.Structure(3.1f * Edge, 2.2f * Edge, new() { Margin = 0.05f }) };
        scene.Light = Framing.Sun(scene.Camera);
        string[] colors = ["red", "cyan", "blue", "pink", "orange", "green"];
        for (var i = 0; i < 6; i++)
        {
            var place = new Vector3(((i % 3) - 1f) * 1.15f * Edge, 0.5f * Edge, i < 3 ? -0.5f * Edge : 0.75f * Edge);
            place.Y += i < 3 ? Edge : 0f;
            scene.Blocks.Add(Cube(place, 0.15f, colors[i], (uint)i) with { Material = (Material)i });
            if (i < 3)
            {
                var below = Cube(place with { Y = 0.5f * Edge }, 0.15f, "white", 7);
                scene.Blocks.Add(below with { Material = (Material)i });
            }
        }

        return scene;
    }

    private static Scene Overlays()
    {
        var scene = Tower(Ground.Tiles);
        scene.Overlays.Add(new(OverlayKind.Zone, new(0.75f, 0f, 0.25f), default, 0.42f, Palettes.Default["red"]));
        scene.Overlays.Add(new(
            OverlayKind.Arrow, new(-0.8f, 0.6f, 0.1f), new(-0.25f, 0.6f, 0.05f), 0.1f, Palettes.Default["yellow"]));
        scene.Overlays.Add(new(
            OverlayKind.Label, scene.Blocks[2].Position, default, 0.2f, Palettes.Default["white"], "A"));
        return scene;
    }

    private static Scene Pyramid()
    {
        var scene = new Scene { Camera = Framing.Structure(3.2f * Edge, 3f * Edge, new() { Azimuth = 0.4f }) };
        scene.Light = Framing.Sun(scene.Camera);
        for (var row = 0; row < 3; row++)
        {
            for (var i = 0; i < 3 - row; i++)
            {
                var place = new Vector3((i - ((2 - row) / 2f)) * 1.05f * Edge, (row + 0.5f) * Edge, 0f);
                scene.Blocks.Add(Cube(place, 0f, row == 1 && i == 0 ? "red" : "white", (uint)((row * 3) + i)));
            }
        }

        return scene;
    }

    private static Block Cube(Vector3 place, float turn, string color, uint seed) => new()
    {
        Position = place,
        HalfExtents = new(Edge / 2f),
        Orientation = Turned(turn),
        Color = Palettes.Default[color],
        TextureSeed = seed,
    };
}
