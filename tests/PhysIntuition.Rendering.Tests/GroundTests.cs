using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests;

/// <summary>Patterns on the ground against the places that pixels see.</summary>
public sealed class GroundTests
{
    private const int Side = 96;

    public static TheoryData<Ground> Grounds => new(Enum.GetValues<Ground>());

    [Theory]
    [InlineData(0.5f)]
    [InlineData(0.8f)]
    public void Draw_Checker_HasTwoColoursByTheParityOfItsSquares(float tile)
    {
        var scene = FromAbove(Ground.Checker, tile);
        var seen = Frames.Of(scene, Side, Side);
        var colors = new List<double>[] { [], [] };
        for (var i = 0; i < Side * Side; i++)
        {
            var place = PlaceOf(scene, i) / tile;
            // Away from the lines, where pixels blend both.
            if (MathF.Abs(place.X - MathF.Round(place.X)) > 0.2f && MathF.Abs(place.Z - MathF.Round(place.Z)) > 0.2f)
            {
                var parity = ((int)MathF.Floor(place.X) + (int)MathF.Floor(place.Z)) & 1;
                colors[parity].Add(SrgbTable.Linear[seen.Albedo[3 * i]]);
            }
        }

        Assert.All(colors, own => Assert.True(own.Count > 500));
        Assert.All(colors, own => Assert.InRange(own.Max() - own.Min(), 0, 0.1));
        Assert.True(Math.Abs(colors[0].Average() - colors[1].Average()) > 0.1);
    }

    [Theory]
    [MemberData(nameof(Grounds))]
    public void Draw_AnyPattern_LeavesDepthAndIdsAsTheyAre(Ground ground)
    {
        var (plain, own) = (Frames.Of(FromAbove(Ground.Plain, 0.7f), Side, Side),
            Frames.Of(FromAbove(ground, 0.7f), Side, Side));

        Assert.Equal(plain.Depth, own.Depth);
        Assert.Equal(plain.Segmentation, own.Segmentation);
    }

    [Fact]
    public void Draw_EveryPattern_LooksLikeNoOther()
    {
        var pictures = Enum.GetValues<Ground>().Select(ground => Convert.ToHexString(
            Frames.Of(FromAbove(ground, 0.7f), Side, Side).Rgb)).ToList();

        Assert.Equal(pictures.Count, pictures.Distinct().Count());
    }

    private static Scene FromAbove(Ground ground, float tile) => new()
    {
        Ground = ground,
        TileSize = tile,
        Camera = new() { Eye = new(0.1f, 4, 0.15f), Target = new(0.1f, 0, 0.1f), FieldOfView = 0.7f },
    };

    private static Vector3 PlaceOf(Scene scene, int pixel)
    {
        var forward = Vector3.Normalize(scene.Camera.Target - scene.Camera.Eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));
        var size = 2 * MathF.Tan(scene.Camera.FieldOfView / 2) / Side;
        var ray = forward + (right * (((pixel % Side) + 0.5f - (Side / 2f)) * size))
            + (Vector3.Cross(right, forward) * (((Side / 2f) - (pixel / Side) - 0.5f) * size));

        return scene.Camera.Eye + (ray * (-scene.Camera.Eye.Y / ray.Y));
    }
}
