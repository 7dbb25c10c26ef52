using PhysIntuition.Environments.Players;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests;

/// <summary>What is found in pictures that were painted by hand.</summary>
public sealed class FinderTests
{
    private static readonly (byte, byte, byte)
        s_ground = (200, 200, 200), s_blue = (40, 60, 200), s_red = (220, 30, 30), s_mark = (39, 39, 44);

    [Fact]
    public void Find_PaintedRectangles_HaveTheirPlaceSizeAndColour()
    {
        var picture = Blank(100, 80);
        Fill(picture, 10, 40, 20, 30, s_blue);
        Fill(picture, 60, 10, 25, 25, s_red);

        var boxes = BlockFinder.Find(picture, FaceForm.Cube).OrderBy(box => box.CentreX).ToList();

        Assert.Equal([new(19.5, 54.5, 20, 30, false), new(72, 22, 25, 25, true)], boxes);
        Assert.Equal(69.5, boxes[0].Bottom);
    }

    [Fact]
    public void Find_TouchingBlocksOfTwoColours_AreTwo()
    {
        var picture = Blank(100, 80);
        Fill(picture, 10, 20, 30, 20, s_blue);
        Fill(picture, 10, 40, 30, 20, (30, 160, 60));

        Assert.Equal(2, BlockFinder.Find(picture, FaceForm.Cube).Count);
    }

    [Fact]
    public void Find_SpecksAndFlatStrips_AreNoBlocks()
    {
        var picture = Blank(100, 80);
        Fill(picture, 5, 5, 3, 3, s_blue);        // below a four hundredth of the picture
        Fill(picture, 20, 20, 60, 8, s_blue);     // as the side of a block seen from above

        Assert.Empty(BlockFinder.Find(picture, FaceForm.Cube));
        Assert.Single(BlockFinder.Find(picture, FaceForm.Any), box => box.Width == 60);
    }

    [Fact]
    public void Find_EmptyPicture_HasNothing()
    {
        var picture = Blank(64, 64);

        Assert.Empty(BlockFinder.Find(picture, FaceForm.Any));
        Assert.Empty(ArrowFinder.Find(picture));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Find_Arrow_PointsToItsThickEnd(bool toTheRight)
    {
        var picture = Blank(100, 40);
        Fill(picture, 20, 19, 40, 3, s_mark);
        Fill(picture, toTheRight ? 54 : 20, 16, 6, 9, s_mark);

        var arrow = Assert.Single(ArrowFinder.Find(picture));

        Assert.Equal(toTheRight ? (20.0, 60.0) : (60.0, 20.0), (arrow.Tail, arrow.Head));
        Assert.Equal(20, arrow.Y, 0.1);
    }

    [Fact]
    public void Find_TwoArrowsApart_AreTwoAndAShortGapIsNone()
    {
        var picture = Blank(120, 40);
        Fill(picture, 5, 10, 20, 3, s_mark);
        Fill(picture, 27, 10, 11, 3, s_mark);    // 2 pixels further: the same arrow behind a thin thing
        Fill(picture, 80, 10, 20, 3, s_mark);
        Fill(picture, 110, 10, 3, 3, s_mark);    // too short for an arrow

        Assert.Equal([(5.0, 38.0), (80.0, 100.0)], ArrowFinder.Find(picture)
            .Select(arrow => (Math.Min(arrow.Tail, arrow.Head), Math.Max(arrow.Tail, arrow.Head))));
    }

    [Fact]
    public void Read_DrawnTowers_HaveTheirBlocksInOrder()
    {
        // From the front and from afar, where perspective takes least away.
        var batch = Given.Batch("Stability-v1", 24, options: """
            {"camera":{"azimuth":{"min":0,"max":0},"elevation":{"min":4,"max":4},"fieldOfView":{"min":12,"max":12}}}
            """);
        batch.Reset(0);
        var right = 0;
        for (var slot = 0; slot < 24; slot++)
        {
            var picture = new Picture(224, 224);
            Given.Picture(batch, slot, 224).CopyTo(picture.Rgb.AsSpan());
            var bodies = batch.View.Episode(slot).World.Bodies;
            if (SeenScene.Column(picture, batch.View.Episode(slot))?.World.Bodies is { } seen
                && seen.Count == bodies.Count)
            {
                Assert.Equal(seen.OrderBy(body => body.Position.Y), seen);
                // Shifts in widths of the lowest block, within what perspective takes away.
                var apart = bodies.Zip(seen).Max(pair => MathF.Abs(pair.First.Position.X - bodies[0].Position.X
                    - ((pair.Second.Position.X - seen[0].Position.X) / (2 * seen[0].HalfExtents.X))));
                right += apart < 0.2f ? 1 : 0;
            }
        }

        Assert.True(right > 8, $"{right} of 24 towers are read as they are.");
    }

    private static Picture Blank(int width, int height)
    {
        var picture = new Picture(width, height);
        Fill(picture, 0, 0, width, height, s_ground);

        return picture;
    }

    private static void Fill(Picture picture, int left, int top, int width, int height, (byte, byte, byte) color)
    {
        for (var y = top; y < top + height; y++)
        {
            for (var x = left; x < left + width; x++)
            {
                var at = ((y * picture.Width) + x) * 3;
                (picture.Rgb[at], picture.Rgb[at + 1], picture.Rgb[at + 2]) = color;
            }
        }
    }
}
