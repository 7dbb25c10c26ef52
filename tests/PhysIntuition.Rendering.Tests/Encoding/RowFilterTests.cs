using PhysIntuition.Rendering.Encoding;

namespace PhysIntuition.Rendering.Tests.Encoding;

public sealed class RowFilterTests
{
    [Theory]
    [InlineData(1000)]
    [InlineData(65536)]
    [InlineData(98304)]
    public void Apply_AboveFarFromTheRow_TakesLeftAtEveryLength(int length)
    {
        // Left leaves zeros; above leaves 128 everywhere, the largest residual: sums of 16 bits would overflow.
        var (row, above) = (new byte[length], new byte[length]);
        above.AsSpan().Fill(128);
        var target = new byte[length + 1];

        RowFilter.Apply(row, above, bytesPerPixel: 1, target);

        Assert.Equal(1, target[0]);
        Assert.Equal(row, target[1..]);
    }

    [Fact]
    public void Apply_AboveCloseToTheRow_TakesAbove()
    {
        var row = Enumerable.Range(0, 3000).Select(i => (byte)(i * 37)).ToArray();
        var above = row.Select(value => (byte)(value - 1)).ToArray();
        var target = new byte[row.Length + 1];

        RowFilter.Apply(row, above, bytesPerPixel: 3, target);

        Assert.Equal(2, target[0]);
        Assert.All(target[1..], value => Assert.Equal(1, value));
    }
}
