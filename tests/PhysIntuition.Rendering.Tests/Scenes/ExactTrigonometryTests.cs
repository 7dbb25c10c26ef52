using System.Numerics;
using PhysIntuition.Rendering.Scenes;

namespace PhysIntuition.Rendering.Tests.Cameras;

/// <summary>Series whose bits are the same everywhere against the machine's functions; cameras and suns.</summary>
public sealed class ExactTrigonometryTests
{
    [Fact]
    public void SineCosineTangent_WholeTurns_AreTheFunctionsRoundedOnce()
    {
        for (var angle = -6.3f; angle <= 6.3f; angle += 0.0137f)
        {
            var (sine, cosine) = ExactTrigonometry.SineCosine(angle);
            Assert.Equal(Math.Sin(angle), sine, 1e-7);
            Assert.Equal(Math.Cos(angle), cosine, 1e-7);
        }

        for (var angle = 0.05f; angle < 1.1f; angle += 0.013f)
        {
            Assert.Equal(Math.Tan(angle), ExactTrigonometry.Tangent(angle), 1e-6);
        }
    }

    [Theory]
    [InlineData(0f, 0.3f)]
    [InlineData(1f, 0.1f)]
    [InlineData(-2.5f, 1.2f)]
    [InlineData(3.1f, 0f)]
    public void Around_AzimuthAndElevation_AreWhereTheEyeIsSeenFromTheTarget(float azimuth, float elevation)
    {
        var camera = Framing.Around(new(-1, 0, -1), new(1, 2, 1), new() { Azimuth = azimuth, Elevation = elevation });
        var way = camera.Eye - camera.Target;

        Assert.Equal(new Vector3(0, 1, 0), camera.Target);
        Assert.Equal(azimuth, MathF.Atan2(way.X, way.Z), 1e-4f);
        Assert.Equal(elevation, MathF.Asin(way.Y / way.Length()), 1e-4f);
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1.3f)]
    [InlineData(-2f)]
    public void Sun_AnyView_StandsToTheLeftOfTheViewerAndAboveTheHorizon(float azimuth)
    {
        var camera = Framing.Around(new(-1, 0, -1), new(1, 2, 1), new() { Azimuth = azimuth });
        var sun = Framing.Sun(camera).SunDirection;
        var forward = Vector3.Normalize(camera.Target - camera.Eye);
        var right = Vector3.Normalize(Vector3.Cross(forward, Vector3.UnitY));

        Assert.Equal(1f, sun.Length(), 1e-5f);
        Assert.Equal(MathF.Sin(0.9f), sun.Y, 1e-5f);
        Assert.Equal(1.05f, MathF.Atan2(-Vector3.Dot(sun, right), -Vector3.Dot(
            sun, Vector3.Normalize(forward with { Y = 0 }))), 1e-4f);
    }
}
