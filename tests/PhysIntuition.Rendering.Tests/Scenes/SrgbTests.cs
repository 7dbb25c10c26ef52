using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Scenes;

/// <summary>Colours against the curve of IEC 61966-2-1, and what of them reaches a picture.</summary>
public sealed class SrgbTests
{
    [Fact]
    public void Linear_EveryByte_IsTheStandardsCurve()
    {
        for (var value = 0; value < 256; value++)
        {
            var c = value / 255.0;
            var linear = c <= 0.04045 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
            Assert.Equal(linear, SrgbTable.Linear[value], 1e-7);
        }
    }

    public static TheoryData<string, string> Colors => new(
        from palette in Palettes.All
        from color in palette.Colors
        select (palette.Name, color.Name));

    [Theory]
    [MemberData(nameof(Colors))]
    public void Draw_FlatBlockOfAPaint_HasThePaintAsItsAlbedo(string palette, string color)
    {
        var paint = Palettes.All.Single(own => own.Name == palette)[color];
        var scene = Given.OneCube();
        scene.Blocks[0] = scene.Blocks[0] with { Material = Material.Flat, Color = paint };
        var seen = Frames.Of(scene, 48, 48);
        byte[] wanted = [Srgb(paint.X), Srgb(paint.Y), Srgb(paint.Z)];
        for (var i = 0; i < 48 * 48; i++)
        {
            for (var c = 0; c < 3 && seen.Segmentation[i] == 1; c++)
            {
                Assert.InRange(seen.Albedo[(3 * i) + c], Math.Max(0, wanted[c] - 1), Math.Min(255, wanted[c] + 1));
            }
        }
    }

    [Theory]
    [InlineData(Material.PaintedWood)]
    [InlineData(Material.PlainWood)]
    [InlineData(Material.Plastic)]
    [InlineData(Material.Stone)]
    [InlineData(Material.Cardboard)]
    public void Draw_Material_VariesAroundItsPaint(Material material)
    {
        var paint = new Vector3(0.35f, 0.2f, 0.12f);
        var scene = Given.OneCube();
        scene.Blocks[0] = scene.Blocks[0] with { Material = material, Color = paint, TextureSeed = 5 };
        var seen = Frames.Of(scene, 96, 96);
        var own = Enumerable.Range(0, 96 * 96).Where(i => seen.Segmentation[i] == 1).ToList();
        var mean = own.Average(i => SrgbTable.Linear[seen.Albedo[3 * i]]);

        Assert.InRange(mean, 0.5 * paint.X, 1.5 * paint.X);
    }

    [Fact]
    public void Draw_GrainsOfTwoSeeds_DifferAndOneSeedsAreAlike()
    {
        byte[] Albedo(uint seed)
        {
            var scene = Given.OneCube();
            scene.Blocks[0] = scene.Blocks[0] with { Material = Material.PlainWood, TextureSeed = seed };
            return Frames.Of(scene, 64, 64).Albedo;
        }

        Assert.Equal(Albedo(1), Albedo(1));
        Assert.NotEqual(Albedo(1), Albedo(2));
    }

    private static byte Srgb(float linear) => (byte)Math.Round(255 * (linear <= 0.0031308
        ? 12.92 * linear
        : (1.055 * Math.Pow(linear, 1 / 2.4)) - 0.055));
}
