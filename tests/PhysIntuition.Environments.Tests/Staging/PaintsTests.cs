using System.Numerics;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Colours and materials that blocks are given.</summary>
public sealed class PaintsTests
{
    public static TheoryData<PaletteName> Palettes => new(Enum.GetValues<PaletteName>());

    [Theory]
    [MemberData(nameof(Palettes))]
    public void Next_NeighbouringBlocks_DifferUnlessThereIsOneColour(PaletteName palette)
    {
        var colors = Draw(palette, 500);

        Assert.True(palette == PaletteName.Uniform ? colors.Distinct().Count() == 1
            : colors.Zip(colors.Skip(1)).All(pair => pair.First != pair.Second));
    }

    [Theory]
    [MemberData(nameof(Palettes))]
    public void Next_Colours_AreLinearRgbAndNeverTheRedThatQuestionsName(PaletteName palette)
    {
        foreach (var color in Draw(palette, 500).Distinct())
        {
            Assert.All((float[])[color.X, color.Y, color.Z], part => Assert.InRange(part, 0f, 1f));
            Assert.True(Vector3.Distance(color, Paints.Red) > 0.1f, $"{color} looks red.");
        }
    }

    [Theory]
    [MemberData(nameof(Palettes))]
    public void Next_EveryColour_ComesAbout(PaletteName palette)
    {
        var colors = Draw(palette, 2000).CountBy(color => color).ToList();

        Assert.InRange(colors.Count, palette == PaletteName.Uniform ? 1 : 3, 16);
        Assert.All(colors, color => Assert.True(color.Value > 2000 / colors.Count / 2));
    }

    [Theory]
    [InlineData(Surface.PaintedWood, Material.PaintedWood)]
    [InlineData(Surface.PlainWood, Material.PlainWood)]
    [InlineData(Surface.Plastic, Material.Plastic)]
    [InlineData(Surface.Stone, Material.Stone)]
    [InlineData(Surface.Cardboard, Material.Cardboard)]
    [InlineData(Surface.Flat, Material.Flat)]
    public void MaterialOf_Surface_IsItsOwn(Surface surface, Material material)
    {
        var random = new RandomStream(1);

        Assert.Equal(material, Paints.MaterialOf(surface, ref random));
    }

    [Fact]
    public void MaterialOf_Mixed_IsAnyButFlat()
    {
        var random = new RandomStream(1);
        var materials = Enumerable.Range(0, 200).Select(_ => Paints.MaterialOf(Surface.Mixed, ref random)).Distinct();

        Assert.Equal(Enum.GetValues<Material>().Where(material => material != Material.Flat), materials.Order());
    }

    private static List<Vector3> Draw(PaletteName palette, int count)
    {
        var (random, last) = (new RandomStream(2), -1);

        return [.. Enumerable.Range(0, count).Select(_ => Paints.Next(palette, ref random, ref last))];
    }
}
