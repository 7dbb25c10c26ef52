using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>The arithmetic that towers are built to a margin with.</summary>
public sealed class ColumnTests
{
    [Theory]
    [InlineData(0.0, 0.5)]      // straight: half a width on both sides
    [InlineData(0.3, 0.2)]      // 0.5 to the edge less 0.3
    [InlineData(-0.3, 0.2)]
    [InlineData(0.5, 0.0)]      // the centre over the edge
    [InlineData(0.7, -0.2)]     // 0.2 beyond it
    public void Margin_TwoCubes_IsTheWayToTheEdge(double shift, double margin)
    {
        var column = Of((0, 1, 1), (shift, 1, 1));

        Assert.Equal(margin, column.Margin(out var weakest, out var direction), 1e-12);
        Assert.Equal(0, weakest);
        Assert.Equal(shift > 0 ? 1 : -1, shift == 0 ? -1 : direction);
    }

    [Fact]
    public void Margin_ThreeCubes_WeighsAllThatIsAbove()
    {
        // Above the ground cube: centres at 0.2 and 0.5, so 0.35 in common; above the middle one 0.3 off its centre.
        var column = Of((0, 1, 1), (0.2, 1, 1), (0.5, 1, 1));

        Assert.Equal(0.15, column.Margin(out var weakest, out var direction), 1e-12);
        Assert.Equal((0, 1), (weakest, direction));
    }

    [Fact]
    public void Margin_NarrowBlockBelow_CountsItsEdgeInWidthsOfTheUpper()
    {
        // The lower block ends at 0.25; the upper, 1 m wide, has its centre at 0.1.
        var column = Of((0, 0.5, 1), (0.1, 1, 1));

        Assert.Equal(0.15, column.Margin(out _, out _), 1e-12);
    }

    [Fact]
    public void Margin_HeavyBlockOnTop_PullsTheCommonCentre()
    {
        // Masses go with width² height: 1 and 4 (2 m wide, 1 m high). Centre of both: (0 + 4 x 0.4) / 5 = 0.32.
        var column = Of((0, 1, 1), (0, 1, 1), (0.4, 2, 1));

        Assert.Equal(0.5 - 0.4, 2 * column.Margin(out var weakest, out _), 1e-12);
        Assert.Equal(1, weakest);
    }

    [Theory]
    [InlineData(0.02)]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(-0.05)]
    [InlineData(-0.2)]
    public void TryScaleTo_DrawnColumns_HaveTheWantedMargin(double margin)
    {
        var (column, random, scaled) = (new Column(), new RandomStream(3), 0);
        for (var i = 0; i < 200; i++)
        {
            column.Count = 2 + (i % 9);
            Towers.DrawBlocks(column, new StabilityOptions { BlockWidth = new(0.5f, 1.5f) }, ref random);
            if (column.TryScaleTo(margin))
            {
                scaled++;
                Assert.Equal(margin, column.Margin(out _, out _), 1e-9);
                Assert.True(column.AreStacked());
            }
        }

        Assert.True(scaled > 40, $"{scaled} of 200");
    }

    [Fact]
    public void Mirror_Column_HasTheSameMarginOnTheOtherSide()
    {
        var column = Of((0.1, 1, 1), (0.4, 0.8, 1), (0.2, 1, 0.5));
        var margin = column.Margin(out var weakest, out var direction);

        column.Mirror();

        Assert.Equal(margin, column.Margin(out var after, out var other), 1e-12);
        Assert.Equal((weakest, -direction), (after, other));
        Assert.Equal([-0.1, -0.4, -0.2], column.X.ToArray());
    }

    [Fact]
    public void Shift_AboveABlock_MovesNoneBelow()
    {
        var column = Of((0, 1, 1), (0.1, 1, 1), (0.2, 1, 1), (0.3, 1, 1));

        column.Shift(1, 0.25);

        Assert.Equal([0, 0.1, 0.45, 0.55], column.X.ToArray());
    }

    [Fact]
    public void CalmBelow_Block_ShrinksShiftsBelowItAndKeepsTheOneUnderIt()
    {
        var column = Of((0.1, 1, 1), (0.3, 1, 1), (0.8, 1, 1), (0.7, 1, 1));

        column.CalmBelow(2, 0.5);

        Assert.Equal([0.05, 0.15, 0.65, 0.55], column.X.ToArray().Select(x => Math.Round(x, 12)));
    }

    [Theory]
    [InlineData(0.84, true)]
    [InlineData(0.86, false)]
    [InlineData(-0.86, false)]
    public void AreStacked_Neighbours_TouchOnMoreThanAFifth(double shift, bool isStacked) =>
        Assert.Equal(isStacked, Of((0, 1, 1), (shift, 1, 1)).AreStacked());

    [Fact]
    public void Height_Column_IsTheSumOfItsBlocks() =>
        Assert.Equal(2.4, Of((0, 1, 1), (0, 1, 0.6), (0, 1, 0.8)).Height, 1e-12);

    [Theory]
    [InlineData(Difficulty.Easy, 0.16, 0.30)]
    [InlineData(Difficulty.Medium, 0.08, 0.16)]
    [InlineData(Difficulty.Hard, 0.02, 0.08)]
    public void DrawMargin_Difficulty_FillsItsBin(Difficulty difficulty, double min, double max)
    {
        var random = new RandomStream(7);
        var margins = Enumerable.Range(0, 2000).Select(_ => Towers.DrawMargin(difficulty, ref random)).ToList();

        Assert.All(margins, margin => Assert.InRange(margin, min, max));
        Assert.InRange(margins.Average(), ((min + max) / 2) - (0.01 * max), ((min + max) / 2) + (0.01 * max));
    }

    [Fact]
    public void DrawMargin_AnyDifficulty_TakesEachBinAlikeOften()
    {
        var random = new RandomStream(7);
        var margins = Enumerable.Range(0, 3000).Select(_ => Towers.DrawMargin(Difficulty.Any, ref random)).ToList();

        // Four standard deviations of 3,000 draws with odds of a third: 4 sqrt(3000 x 1/3 x 2/3) = 103.
        Assert.InRange(margins.Count(margin => margin >= 0.16), 897, 1103);
        Assert.InRange(margins.Count(margin => margin < 0.08), 897, 1103);
    }

    private static Column Of(params (double X, double Width, double Height)[] blocks)
    {
        var column = new Column { Count = blocks.Length };
        for (var k = 0; k < blocks.Length; k++)
        {
            (column.X[k], column.Widths[k], column.Heights[k]) = blocks[k];
        }

        return column;
    }
}
