using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>The worth of descriptions, against every matching in order that there is.</summary>
public sealed class DescribeScoreTests
{
    private const int Length = 19;   // of an answer: a number, and three for each of six

    [Fact]
    public void Worth_RandomDescriptions_IsThatOfTheBestOfAllMatchingsInOrder()
    {
        var random = new RandomStream(3);
        for (var i = 0; i < 300; i++)
        {
            var (given, right) = (Draw(ref random), Draw(ref random));
            var best = Best(given, 0, right, 0) / Math.Max(given[0], right[0]);

            Assert.Equal(best, Describe.Worth(given, right), 1e-12);
            Assert.InRange(best, 0, 1);
            Assert.Equal(1, Describe.Worth(right, right), 1e-12);
        }
    }

    [Fact]
    public void Worth_OneFieldWrong_CostsItsShare()
    {
        var right = Of([1, 100, 0], [2, 80, 20]);

        // Two blocks with three fields: each field is a sixth. Wrong by half of the width is worth nothing, by a
        // quarter of it one half; an offset that is wrong by a quarter of it nothing, by an eighth one half.
        Assert.Equal(1 - (1 / 6.0), Describe.Worth(Of([3, 100, 0], [2, 80, 20]), right), 1e-12);
        Assert.Equal(1 - (0.5 / 6), Describe.Worth(Of([1, 125, 0], [2, 80, 20]), right), 1e-12);
        Assert.Equal(1 - (1 / 6.0), Describe.Worth(Of([1, 160, 0], [2, 80, 20]), right), 1e-12);
        Assert.Equal(1 - (0.5 / 6), Describe.Worth(Of([1, 100, 0], [2, 80, 10]), right), 1e-12);
        Assert.Equal(1 - (1 / 6.0), Describe.Worth(Of([1, 100, 0], [2, 80, -20]), right), 1e-12);
    }

    [Fact]
    public void Worth_BlockLeftOutOrAdded_CostsThatBlockWhereverItIs()
    {
        int[] low = [1, 100, 0], middle = [2, 60, 10], high = [3, 80, -10];
        var right = Of(low, middle, high);

        foreach (var given in (Answer[])[Of(middle, high), Of(low, high), Of(low, middle)])
        {
            Assert.Equal(2 / 3.0, Describe.Worth(given, right), 1e-12);
            Assert.Equal(2 / 3.0, Describe.Worth(right, given), 1e-12);
        }

        // In the wrong order only one can be matched as it is; the others may be worth something in its place.
        Assert.True(Describe.Worth(Of(high, middle, low), right) < 2 / 3.0);
    }

    [Fact]
    public void Reset_Expert_IsReadOffSizesPlacesAndColours()
    {
        foreach (var palette in (string[])["paints", "cubes", "pastels", "greys", "woods", "uniform"])
        {
            var batch = Given.Batch("Describe-v1", 16, options: $$"""{"palette":"{{palette}}"}""");
            batch.Reset(40);
            for (var slot = 0; slot < 16; slot++)
            {
                var (episode, expert) = (batch.View.Episode(slot), batch.View.ExpertNumbers(slot));
                var bodies = episode.World.Bodies;
                Assert.Equal(bodies.Count, expert[0]);
                Assert.Equal(episode.State.Scale, bodies.Sum(body => 2 * body.HalfExtents.Y), 1e-5f);
                for (var k = 0; k < bodies.Count; k++)
                {
                    // Whole hundredths by construction, so nothing is lost in rounding.
                    Assert.Equal(expert[2 + (3 * k)] / 100, 2.0 * bodies[k].HalfExtents.Z, 1e-6);
                    Assert.Equal(expert[3 + (3 * k)] / 100,
                        k == 0 ? 0 : (double)bodies[k].Position.X - bodies[k - 1].Position.X, 1e-6);
                    Assert.InRange(expert[1 + (3 * k)], 0, Paints.Names.Count - 1);
                }
            }
        }
    }

    [Theory]
    [InlineData("greys", "grey")]
    [InlineData("woods", "brown")]
    [InlineData("uniform", "brown")]
    public void Reset_PaletteOfOneName_IsCalledSo(string palette, string name)
    {
        var batch = Given.Batch("Describe-v1", 4, options: $$"""{"palette":"{{palette}}"}""");
        batch.Reset(40);

        Assert.All(Enumerable.Range(0, 4), slot =>
            Assert.Contains($"\"color\": \"{name}\"", batch.View.Expert(slot), StringComparison.Ordinal));
    }

    // Leave out a block of the answer, or one of the tower, or match the two.
    private static double Best(Answer given, int i, Answer right, int k)
    {
        if (i == given[0] || k == right[0])
        {
            return 0;
        }

        var width = right[(3 * k) + 2];
        double color = given[(3 * i) + 1] == right[(3 * k) + 1] ? 1 : 0,
            wide = 1 - (2 * Math.Abs(given[(3 * i) + 2] - width) / width),
            aside = 1 - (4 * Math.Abs(given[(3 * i) + 3] - right[(3 * k) + 3]) / width);
        var match = (color + Math.Max(0, wide) + Math.Max(0, aside)) / 3;

        return new[]
        {
            match + Best(given, i + 1, right, k + 1), Best(given, i + 1, right, k), Best(given, i, right, k + 1),
        }.Max();
    }

    private static Answer Draw(ref RandomStream random)
    {
        var blocks = new int[random.NextInt(1, 7)][];
        for (var k = 0; k < blocks.Length; k++)
        {
            blocks[k] = [random.NextInt(0, 3), random.NextInt(40, 120), random.NextInt(-30, 31)];
        }

        return Of(blocks);
    }

    private static Answer Of(params int[][] blocks)
    {
        var numbers = new double[Length];
        numbers[0] = blocks.Length;
        for (var k = 0; k < blocks.Length; k++)
        {
            for (var field = 0; field < 3; field++)
            {
                numbers[(3 * k) + 1 + field] = blocks[k][field];
            }
        }

        return Answer.Of(numbers);
    }
}
