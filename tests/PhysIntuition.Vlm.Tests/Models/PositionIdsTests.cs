namespace PhysIntuition.Vlm.Models;

/// <summary>Where tokens stand in time, row and column, counted by hand.</summary>
public sealed class PositionIdsTests
{
    private const int Image = Tiny.ImageToken;

    private static readonly VlmConfig s_qwen3 = Tiny.Config(VlmFamily.Qwen3Vl);

    [Fact]
    public void Of_TextAlone_CountsOnAllThreeAxes()
    {
        var places = PositionIds.Of(s_qwen3, new VlmSequence([5, 6, 7]));

        Assert.Equal([0, 1, 2], places.Time);
        Assert.Equal(places.Time, places.Row);
        Assert.Equal(places.Time, places.Column);
        Assert.Equal(3, places.Next);
    }

    [Fact]
    public void Of_PictureBetweenTexts_IsABlockAndTheTextGoesOnBehindItsLongestSide()
    {
        // 4 x 6 patches are 2 x 3 cells; the text behind it stands at 2 + max(1, 2, 3).
        var places = PositionIds.Of(
            s_qwen3, new VlmSequence([5, 6, Image, Image, Image, Image, Image, Image, 7, 8], new PatchGrid(1, 4, 6)));

        Assert.Equal([0, 1, 2, 2, 2, 2, 2, 2, 5, 6], places.Time);
        Assert.Equal([0, 1, 2, 2, 2, 3, 3, 3, 5, 6], places.Row);
        Assert.Equal([0, 1, 2, 3, 4, 2, 3, 4, 5, 6], places.Column);
        Assert.Equal(7, places.Next);
    }

    [Fact]
    public void Of_TwoPicturesSideBySide_AreTwoBlocks()
    {
        var places = PositionIds.Of(s_qwen3,
            new VlmSequence([Image, Image, Image, Image], new PatchGrid(1, 2, 4), new PatchGrid(1, 4, 2)));

        Assert.Equal([0, 0, 2, 2], places.Time);
        Assert.Equal([0, 0, 2, 3], places.Row);
        Assert.Equal([0, 1, 2, 2], places.Column);
    }

    [Theory]
    [InlineData(new[] { 5, Image, Image }, 2, "PatchGrid { Time = 1, Height = 4, Width = 4")]
    [InlineData(new[] { 5, 6 }, 1, "The sequence has 1 image grids, but tokens for 0")]
    [InlineData(new[] { Image, Image, Image, Image, 5 }, 0, "Token 0 begins picture 1, but the sequence has 0 grids")]
    public void Of_TokensThatDoNotFitTheGrids_SaysWhichAndHowMany(int[] tokens, int grids, string says)
    {
        var sequence = new VlmSequence(tokens, [.. Enumerable.Repeat(new PatchGrid(1, 4, 4), grids)]);

        var wrong = Assert.Throws<ArgumentException>(() => PositionIds.Of(s_qwen3, sequence));

        Assert.Contains(says, wrong.Message, StringComparison.Ordinal);
    }
}
