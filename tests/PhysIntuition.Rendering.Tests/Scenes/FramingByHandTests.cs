using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Cameras;

/// <summary>Distances that a picture takes, for boxes that need no trigonometry but one tangent.</summary>
public sealed class FramingByHandTests
{
    // From the front, level: the near face, half a depth nearer, must fit both ways.
    [Theory]
    [InlineData(2f, 2f, 2f, 1f)]
    [InlineData(4f, 1f, 2f, 1f)]
    [InlineData(1f, 4f, 0.5f, 1f)]
    [InlineData(4f, 2f, 2f, 2f)]
    [InlineData(4f, 2f, 2f, 0.5f)]
    public void Around_LevelFrontView_FitsTheNearFace(float width, float height, float depth, float aspect)
    {
        const float view = 0.8f, margin = 0.25f;
        var camera = Framing.Around(
            new(-width / 2, 0, -depth / 2), new(width / 2, height, depth / 2), new()
            {
                Azimuth = 0, Elevation = 0, FieldOfView = view, Aspect = aspect, Margin = margin,
            });
        var reach = Math.Tan(view / 2) * (1 - margin);
        var distance = Math.Max(width / 2 / (reach * aspect), height / 2 / reach) + (depth / 2);

        Assert.Equal(distance, camera.Eye.Z, 1e-4);
        Assert.Equal((0f, height / 2), (camera.Eye.X, camera.Eye.Y));
        Assert.Equal((new Vector3(0, height / 2, 0), view), (camera.Target, camera.FieldOfView));
    }

    [Fact]
    public void Around_TwiceTheBox_IsSeenFromTwiceTheDistance()
    {
        var options = new FramingOptions();
        var (one, two) = (Framing.Around(new(-1, 0, -1), new(1, 2, 1), options),
            Framing.Around(new(-2, 0, -2), new(2, 4, 2), options));

        Assert.Equal(0f, Vector3.Distance(2 * one.Eye, two.Eye), 1e-4f);
    }

    [Fact]
    public void Around_WiderMarginOrNarrowerView_StepsBack()
    {
        float Distance(FramingOptions options)
        {
            var camera = Framing.Around(new(-1, 0, -1), new(1, 2, 1), options);
            return Vector3.Distance(camera.Eye, camera.Target);
        }

        Assert.True(Distance(new() { Margin = 0.3f }) > Distance(new() { Margin = 0.1f }));
        Assert.True(Distance(new() { FieldOfView = 0.5f }) > Distance(new() { FieldOfView = 0.9f }));
        Assert.True(Distance(new() { Aspect = 0.5f }) > Distance(new() { Aspect = 1f }));
    }

    [Fact]
    public void Around_FlatBoxFromTheLevelOfTheGround_LiftsTheEyeAboveIt()
    {
        var camera = Framing.Around(new(-5, 0, -5), new(5, 0.01f, 5), new() { Elevation = 0 });

        Assert.True(camera.Eye.Y > 0.1f);
    }

    [Fact]
    public void Tower_OfAnEdge_IsAStructureOfTwoAndAFifthOfIt() =>
        Assert.Equal(Framing.Structure(2.2f * 0.5f, 3f), Framing.Tower(3f, 0.5f));
}
