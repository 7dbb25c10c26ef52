using PhysIntuition.Environments.Staging;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Sines whose bits do not depend on the machine, against the machine's.</summary>
public sealed class AnglesTests
{
    [Fact]
    public void SinAndCos_ManyDegrees_AreTheFunctions()
    {
        for (var degrees = -360.0; degrees <= 360; degrees += 0.25)
        {
            var radians = Angles.FromDegrees(degrees);

            Assert.Equal(degrees * Math.PI / 180, radians, 1e-12);
            Assert.Equal(Math.Sin(radians), Angles.Sin(radians), 1e-9);
            Assert.Equal(Math.Cos(radians), Angles.Cos(radians), 1e-9);
        }
    }

    [Theory]
    [InlineData(1, 0, 0)]
    [InlineData(0, 2, 90)]
    [InlineData(-3, 0, -180)]
    [InlineData(0, -0.1, -90)]
    [InlineData(1, 1, 45)]
    [InlineData(-1, -1, -135)]
    public void WholeDegreesOf_Vector_IsItsDirection(double x, double y, int degrees) =>
        Assert.Equal(degrees, Angles.WholeDegreesOf(x, y));

    [Fact]
    public void WholeDegreesOf_EveryWholeDegree_ComesBack()
    {
        for (var degrees = -180; degrees < 180; degrees++)
        {
            var radians = degrees * Math.PI / 180;
            Assert.Equal(degrees, Angles.WholeDegreesOf(2.5 * Math.Cos(radians), 2.5 * Math.Sin(radians)));
            // A third of a degree off is still nearest to it.
            var off = (degrees + 0.33) * Math.PI / 180;
            Assert.Equal(degrees, Angles.WholeDegreesOf(Math.Cos(off), Math.Sin(off)));
        }
    }
}
