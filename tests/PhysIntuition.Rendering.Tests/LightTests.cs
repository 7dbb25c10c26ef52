using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Light by its laws: the cosine of a face, superposition, the mirror's point, the part of the sky that a
/// wall hides.</summary>
public sealed class LightTests
{
    private const int Side = 96;

    // Of a byte of the plain tone curve, linear: half a level and the curve's own error where it is steepest.
    private const double Rounding = 0.012;

    [Theory]
    [InlineData(0.3f, 0.9f, 0.3f, -0.3f)]
    [InlineData(-0.7f, 0.6f, 0.4f, 0.7f)]
    [InlineData(0.1f, 0.5f, 0.9f, 1.1f)]
    [InlineData(0.6f, 0.4f, -0.6f, 1.4f)]
    public void Draw_Face_TakesSunByTheCosineOfItsNormal(float x, float y, float z, float yaw)
    {
        var overhead = SunOn(OneBlock(Vector3.UnitY, yaw: 0f));
        var strength = overhead.Single(face => face.Key.Y > 0.99f).Value;   // under the sun straight above: cosine 1
        var sun = Vector3.Normalize(new(x, y, z));

        var faces = SunOn(OneBlock(sun, yaw));

        Assert.Equal(3, faces.Count);
        Assert.All(faces, face => Assert.Equal(
            strength * Math.Max(0, Vector3.Dot(face.Key, sun)), face.Value, Rounding));
    }

    [Fact]
    public void Draw_SunAndSkyTogether_GiveTheSumOfWhatEachGives()
    {
        double[] Faces(float sun, float sky)
        {
            var scene = OneBlock(Vector3.Normalize(new(0.5f, 0.7f, 0.4f)), yaw: 0.4f);
            scene.Light = scene.Light with { SunColor = new(sun), SkyColor = new(sky) };
            return [.. FacesOf(scene).OrderBy(face => face.Key.X).Select(face => face.Value)];
        }

        var (both, sun, sky, none) = (Faces(1f, 0.4f), Faces(1f, 0f), Faces(0f, 0.4f), Faces(0f, 0f));
        for (var i = 0; i < both.Length; i++)
        {
            // What the ground throws back is in each of them once.
            Assert.Equal(sun[i] + sky[i] - none[i], both[i], 2 * Rounding);
            Assert.True(both[i] > sky[i] && sky[i] > none[i]);
        }
    }

    [Fact]
    public void Draw_FacesOfTwoColours_AreAsBrightAsTheirColours()
    {
        double Top(float color)
        {
            var scene = OneBlock(Vector3.Normalize(new(0.3f, 0.9f, 0.3f)), yaw: 0f);
            scene.Blocks[0] = scene.Blocks[0] with { Color = new(color) };
            return FacesOf(scene).Single(face => face.Key.Y > 0.99f).Value;
        }

        Assert.Equal(Top(0.8f) / 2, Top(0.4f), Rounding);
        Assert.Equal(Top(0.8f) / 8, Top(0.1f), Rounding);
        Assert.Equal(0, Top(0f));
    }

    [Theory]
    [InlineData(0f, 0.8f, -0.6f)]
    [InlineData(0.25f, 0.85f, -0.5f)]
    [InlineData(-0.3f, 0.7f, -0.65f)]
    public void Draw_PlasticTop_ShinesWhereTheEyeSeesTheSunMirrored(float x, float y, float z)
    {
        const int side = 160;
        const float top = 1f;
        var sun = Vector3.Normalize(new(x, y, z));
        var camera = new Camera { Eye = new(0f, 3.6f, 2.4f), Target = new(0f, top, 0f), FieldOfView = 0.8f };
        byte[] Draw(Material material)
        {
            var scene = new Scene
            {
                Camera = camera, Light = new() { SunDirection = sun, SunColor = new(0.4f), SkyColor = default },
            };
            scene.Blocks.Add(new()
            {
                Position = new(0f, top / 2, 0f), HalfExtents = new(1.5f, top / 2, 1.5f), Material = material,
                Color = new(0.1f),
            });
            return Given.DrawRgb(scene, side, side);
        }

        var (plastic, flat) = (Draw(Material.Plastic), Draw(Material.Flat));
        var (sum, mean) = (0.0, Vector2.Zero);
        for (var i = 0; i < side * side; i++)
        {
            // The outer flanks say little of the middle: a high power leaves the peak.
            var shine = Math.Pow(Math.Max(0, plastic[3 * i] - flat[3 * i]) / 255.0, 24);
            sum += shine;
            mean += (float)shine * new Vector2((i % side) + 0.5f, (i / side) + 0.5f);
        }

        // The eye's image below the top looks along the sun's direction.
        var image = camera.Eye with { Y = (2 * top) - camera.Eye.Y };
        var mirrored = Oracle.Project(camera, side, side, image + (sun * ((camera.Eye.Y - top) / sun.Y)));
        Assert.True(sum > 0);
        Assert.InRange(Vector2.Distance(mirrored, mean / (float)sum), 0, 4);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.25)]
    [InlineData(0.5)]
    public void Draw_GroundBeforeALongWall_LosesThePartOfTheSkyThatTheWallHides(double distance)
    {
        const double reach = 0.7;   // units, here m: beyond, walls darken nothing
        foreach (var height in (double[])[0.3, 1, 3])
        {
            var hidden = 1 - (SkyBefore(height, distance) / SkyBefore(null, distance));

            // The form factor of an infinite wall; faded out towards the reach, and a little weaker in this look.
            var factor = (1 - (distance / Math.Sqrt((distance * distance) + (height * height)))) / 2;
            var fading = Math.Pow(1 - (distance / reach), 2);
            Assert.InRange(hidden, (0.9 * factor * fading) - Rounding, factor + Rounding);
        }

        Assert.Equal(SkyBefore(null, reach + 0.05), SkyBefore(1, reach + 0.05));
    }

    [Fact]
    public void Draw_Sky_IsOneColourARowAndDarkerUpwards()
    {
        const int width = 24, height = 96;
        var scene = new Scene
        {
            Camera = new() { Eye = new(0f, 1f, 5f), Target = new(0f, 1f, 0f), FieldOfView = 1.4f },
        };
        var rgb = Given.DrawRgb(scene, width, height);
        for (var y = 0; y < height / 2; y++)
        {
            var row = rgb.AsSpan(y * width * 3, width * 3);
            for (var x = 1; x < width; x++)
            {
                Assert.True(row[..3].SequenceEqual(row.Slice(3 * x, 3)), $"row {y}, column {x}");
            }

            Assert.True(y == 0 || row[0] >= rgb[(y - 1) * width * 3], $"row {y}");
        }

        // Fog takes the ground to the horizon's colour: no line parts them.
        int above = ((height / 2) - 1) * width * 3, below = above + (width * 3);
        Assert.All(Enumerable.Range(0, 3), k => Assert.InRange(rgb[below + k] - rgb[above + k], -3, 3));
    }

    // Linear light of the ground under a sky alone, so far before a wall of that height; null: there is none.
    private static double SkyBefore(double? height, double distance)
    {
        const int side = 33;
        var scene = new Scene
        {
            Ground = Ground.Plain, TileSize = 1f, Look = Look.Cubeworld,
            Camera = new()
            {
                Eye = new(0f, 4f, (float)distance), Target = new(0f, 0f, (float)distance), FieldOfView = 0.1f,
            },
            Light = new() { SunColor = default, SkyColor = new(1f) },
        };
        if (height is { } high)
        {
            scene.Blocks.Add(new()
            {
                Position = new(0f, (float)high / 2, -0.5f), HalfExtents = new(30f, (float)high / 2, 0.5f),
                Material = Material.Flat,
            });
        }

        return SrgbTable.Linear[Given.DrawRgb(scene, side, side)[3 * (side * side / 2)]];
    }

    // A flat block without bevels and grain, whose top and two sides are seen; bytes are the plain curve of its light.
    private static Scene OneBlock(Vector3 sun, float yaw)
    {
        var scene = new Scene
        {
            Look = Look.Cubeworld,
            Camera = new() { Eye = new(1.2f, 2.2f, 3f), Target = new(0f, 0.5f, 0f), FieldOfView = 0.5f },
            Light = new() { SunDirection = sun, SunColor = new(2f), SkyColor = new(0.1f) },
        };
        scene.Blocks.Add(new()
        {
            Position = new(0f, 0.5f, 0f), HalfExtents = new(0.5f), Material = Material.Flat, Color = new(0.8f),
            Orientation = Given.Turn(Vector3.UnitY, yaw),
        });

        return scene;
    }

    // What the sun adds to each face in sight.
    private static Dictionary<Vector3, double> SunOn(Scene scene)
    {
        var with = FacesOf(scene);
        scene.Light = scene.Light with { SunColor = default };
        var without = FacesOf(scene);

        return with.ToDictionary(face => face.Key, face => face.Value - without[face.Key]);
    }

    // Mean linear light of each face in sight, by its normal, well inside its edges.
    private static Dictionary<Vector3, double> FacesOf(Scene scene)
    {
        var seen = Frames.Of(scene, Side, Side);
        Vector3 Normal(int i) => new(seen.Normals[3 * i], seen.Normals[(3 * i) + 1], seen.Normals[(3 * i) + 2]);
        bool IsInside(int i) => seen.Segmentation[i] == 1 && ((int[])[-4, 4, -4 * Side, 4 * Side]).All(step =>
            seen.Segmentation[i + step] == 1 && Normal(i + step) == Normal(i));

        return Enumerable.Range(4 * Side, Side * (Side - 8)).Where(IsInside).GroupBy(Normal)
            .Where(face => face.Count() > 20)
            .ToDictionary(face => face.Key, face => face.Average(i => (double)SrgbTable.Linear[seen.Rgb[3 * i]]));
    }
}
