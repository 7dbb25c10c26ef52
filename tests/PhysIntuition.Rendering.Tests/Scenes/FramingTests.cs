using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Cameras;

public sealed class FramingTests
{
    [Theory]
    [InlineData(0.8f, 0.4f, 0f, 0.36f, 1f)]
    [InlineData(4f, 0.4f, 2.5f, 0.1f, 1f)]
    [InlineData(2f, 6f, -3f, 1.2f, 1.5f)]
    [InlineData(1f, 1f, 6.2f, 0f, 0.5f)]
    public void Structure_AnySide_TouchesTheMarginAndStaysWithin(
        float height, float width, float azimuth, float elevation, float aspect)
    {
        var options = new FramingOptions { Azimuth = azimuth, Elevation = elevation, Aspect = aspect };
        var camera = Framing.Structure(width, height, options);
        var pictureWidth = (int)(200 * aspect);
        var widest = 0f;
        for (var i = 0; i < 8; i++)
        {
            var corner = new Vector3(
                (i & 1) == 0 ? -width / 2 : width / 2,
                (i & 2) == 0 ? 0f : height,
                (i & 4) == 0 ? -width / 2 : width / 2);
            var place = Oracle.Project(camera, pictureWidth, 200, corner);
            var x = MathF.Abs((place.X / pictureWidth * 2f) - 1f);
            var y = MathF.Abs((place.Y / 100f) - 1f);
            widest = Math.Max(widest, Math.Max(x, y));
        }

        // An eye lifted off the ground looks a little differently; then the fit is only within, not exact.
        Assert.InRange(widest, elevation > 0f ? 1f - options.Margin - 0.01f : 0.3f, 1f - options.Margin + 0.01f);
        Assert.True(camera.Eye.Y > 0f);
    }

    [Fact]
    public void Tower_EqualSizes_GivesEqualCameras() =>
        Assert.Equal(Framing.Tower(1.2f, 0.4f), Framing.Tower(1.2f, 0.4f));

    [Fact]
    public void Sun_AnyCamera_StandsHighOverTheViewersLeftShoulder()
    {
        var camera = Framing.Tower(1f, 0.4f, new() { Azimuth = 1.3f });
        var sun = Framing.Sun(camera).SunDirection;
        var back = Vector3.Normalize((camera.Eye - camera.Target) with { Y = 0f });
        var right = Vector3.Cross(Vector3.UnitY, back);

        Assert.InRange(sun.Length(), 0.9999f, 1.0001f);
        Assert.True(Vector3.Dot(sun, back) > 0.1f);
        Assert.True(Vector3.Dot(sun, right) < -0.1f);
        Assert.True(sun.Y > 0.7f);
    }

    [Fact]
    public void Around_EmptyBoxOrBadOption_NamesTheField()
    {
        Assert.Equal("high", Assert.Throws<PhysIntuitionException>(
            () => Framing.Around(Vector3.One, Vector3.Zero)).Field);
        Assert.Equal("elevation", Assert.Throws<PhysIntuitionException>(
            () => Framing.Tower(1f, 1f, new() { Elevation = float.NaN })).Field);
    }
}
