using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Sequence-v1: three moments of one fall, which differ, in any order.</summary>
public sealed class SequenceTests
{
    private const int Side = 224;

    [Fact]
    public void Compose_Panels_DifferVisiblyInEveryPair()
    {
        var batch = Given.Batch("Sequence-v1", 24);
        batch.Reset(0);
        for (var slot = 0; slot < 24; slot++)
        {
            var panels = Cut(batch, slot);
            for (var i = 0; i < 3; i++)
            {
                var pairs = panels[i].Rgb.Zip(panels[(i + 1) % 3].Rgb, (a, b) => Math.Abs(a - b)).Chunk(3);
                var differing = pairs.Count(channels => channels.Max() > 40);
                Assert.True(differing >= 100, $"{slot}: {i} and its next differ in {differing} pixels");
            }
        }
    }

    [Fact]
    public void Compose_AfterTheAnswer_ShowsThePicturesInTheRightOrder()
    {
        var batch = Given.Batch("Sequence-v1", 24);
        batch.Reset(0);
        var before = Enumerable.Range(0, 24).Select(slot => Cut(batch, slot)).ToArray();
        var orders = Enumerable.Range(0, 24).Select(slot => batch.View.Expert(slot)[8..11]).ToArray();
        batch.Step([.. Enumerable.Range(0, 24).Select(_ => SlotAction.OfText("<answer>BAC</answer>"))]);

        for (var slot = 0; slot < 24; slot++)
        {
            var after = Cut(batch, slot);
            for (var row = 0; row < 3; row++)
            {
                // The first row has no gap above it, so its pixels lie a little higher than those of the others.
                var (was, now) = (before[slot][orders[slot][row] - 'A'], after[row]);
                var nearest = before[slot].MinBy(picture => Difference(picture, now))!;
                Assert.Same(was, nearest);
            }
        }

        Assert.True(orders.Distinct().Count() >= 4);
    }

    [Theory]
    [InlineData("<answer>abc</answer>", true)]
    [InlineData("<answer>order: CBA</answer>", true)]
    [InlineData("<answer>AAB</answer>", false)]
    [InlineData("<answer>ABCA</answer>", false)]
    public void Parse_Orders_TakesTheSixOnly(string text, bool isLegal)
    {
        var answer = ((Environments.Tasks.ITask)new Sequence()).Parse(text, new());

        Assert.Equal(isLegal, answer.IsLegal);
        Assert.True(isLegal || answer.Error!.Contains("ABC, ACB, BAC, BCA, CAB, CBA", StringComparison.Ordinal));
    }

    private static int Difference(Picture one, Picture other) =>
        one.Rgb.TakeLast(Side * 60 * 3).Zip(other.Rgb.TakeLast(Side * 60 * 3), (a, b) => Math.Abs(a - b)).Sum();

    private static Picture[] Cut(EnvironmentBatch batch, int slot)
    {
        var whole = new Picture(Side, Side, Given.Picture(batch, slot, Side));

        return [.. Enumerable.Range(0, 3).Select(row => Panels.Cut(whole, Sequence.PlaceOf(row)))];
    }
}
