using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation;

namespace PhysIntuition.Rendering.Tests.Encoding;

/// <summary>The cheaper of two filters, by residuals counted one by one.</summary>
public sealed class RowFilterChoiceTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 3)]
    [InlineData(3, 6)]
    [InlineData(1, 31)]
    [InlineData(1, 32)]
    [InlineData(3, 33)]
    [InlineData(3, 96)]
    [InlineData(3, 9_999)]
    public void Apply_AnyRows_TakesTheFilterWithTheSmallerResiduals(int bytesPerPixel, int length)
    {
        var random = new RandomStream((ulong)length);
        for (var trial = 0; trial < 30; trial++)
        {
            var (row, above) = (new byte[length], new byte[length]);
            for (var i = 0; i < length; i++)
            {
                // Rows that are more like their left or their upper neighbours in turn.
                var left = i >= bytesPerPixel ? row[i - bytesPerPixel] : (byte)0;
                above[i] = (byte)random.NextInt(0, 256);
                row[i] = (byte)((trial % 2 == 0 ? left : above[i]) + random.NextInt(-trial, trial + 1));
            }

            var target = new byte[length + 1];
            RowFilter.Apply(row, above, bytesPerPixel, target);
            byte[] byLeft = [.. row.Select((value, i) =>
                (byte)(value - (i >= bytesPerPixel ? row[i - bytesPerPixel] : 0)))];
            byte[] byAbove = [.. row.Zip(above, (value, upper) => (byte)(value - upper))];

            Assert.Equal(Cost(byAbove) <= Cost(byLeft) ? 2 : 1, target[0]);
            Assert.Equal(target[0] == 2 ? byAbove : byLeft, target[1..]);
        }
    }

    [Fact]
    public void Apply_FirstRow_TakesLeft()
    {
        var target = new byte[7];

        RowFilter.Apply([1, 2, 3, 5, 7, 9], default, bytesPerPixel: 3, target);

        Assert.Equal([1, 1, 2, 3, 4, 5, 6], target);
    }

    private static int Cost(byte[] residuals) => residuals.Sum(residual => Math.Abs((int)(sbyte)residual));
}
