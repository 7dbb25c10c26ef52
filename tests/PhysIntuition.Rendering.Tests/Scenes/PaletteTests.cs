using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Scenes;

public sealed class PaletteTests
{
    // What missing cones leave of linear RGB: rows of a matrix.
    public static TheoryData<string, float[]> Visions => new()
    {
        { "all cones", [1, 0, 0, 0, 1, 0, 0, 0, 1] },
        {
            "no red cones",
            [.152286f, 1.052583f, -.204868f, .114503f, .786281f, .099216f, -.003882f, -.048116f, 1.051998f]
        },
        {
            "no green cones",
            [.367322f, .860646f, -.227968f, .280085f, .672501f, .047413f, -.011820f, .042940f, .968881f]
        },
        {
            "no blue cones",
            [1.255528f, -.076749f, -.178779f, -.078411f, .930809f, .147602f, .004733f, .691367f, .303900f]
        },
    };

    [Theory]
    [MemberData(nameof(Visions))]
    public void Default_AnyTwoColours_AreFarApartForEveryVision(string vision, float[] matrix)
    {
        const double farApart = 20;   // CIE 1976 difference; 2 is just seen side by side, 10 at a glance
        var colors = Palettes.Default.Colors;
        for (var i = 0; i < colors.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                var distance = (Lab(colors[i].Linear, matrix) - Lab(colors[j].Linear, matrix)).Length();

                Assert.True(distance > farApart, $"{colors[i].Name} and {colors[j].Name}, {vision}: {distance:F1}");
            }
        }
    }

    [Fact]
    public void All_Names_AreUniqueLowerCaseWords()
    {
        foreach (var palette in Palettes.All)
        {
            var names = palette.Colors.Select(color => color.Name).ToArray();

            Assert.Equal(names, names.Distinct());
            Assert.All(names, name => Assert.Matches("^[a-z]+$", name));
        }
    }

    [Fact]
    public void Indexer_KnownAndUnknownNames_FindOrListColours()
    {
        Assert.Equal(Palettes.Default.Colors[0].Linear, Palettes.Default["red"]);

        var fault = Assert.Throws<PhysIntuitionException>(() => Palettes.Default["mauve"]);

        Assert.Equal(Fault.NotFound, fault.Fault);
        Assert.Contains("red, blue", fault.Message, StringComparison.Ordinal);
    }

    private static Vector3 Lab(Vector3 c, float[] m)
    {
        var r = Math.Max(0f, (m[0] * c.X) + (m[1] * c.Y) + (m[2] * c.Z));
        var g = Math.Max(0f, (m[3] * c.X) + (m[4] * c.Y) + (m[5] * c.Z));
        var b = Math.Max(0f, (m[6] * c.X) + (m[7] * c.Y) + (m[8] * c.Z));
        var x = Curve(((0.4124f * r) + (0.3576f * g) + (0.1805f * b)) / 0.95047f);
        var y = Curve((0.2126f * r) + (0.7152f * g) + (0.0722f * b));
        var z = Curve(((0.0193f * r) + (0.1192f * g) + (0.9505f * b)) / 1.08883f);
        return new((116f * y) - 16f, 500f * (x - y), 200f * (y - z));
    }

    private static float Curve(float t) => t > 0.008856f ? MathF.Cbrt(t) : (7.787f * t) + (16f / 116f);
}
