using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tests.Labels;

namespace PhysIntuition.Environments.Tests.Batches;

/// <summary>Counterfactual pairs: the same in everything but one shift, and opposite in what happens.</summary>
public sealed class MinimalPairTests
{
    private const int Pairs = 48;

    [Theory]
    [InlineData("""{"pairs":true}""")]
    [InlineData("""{"pairs":true,"blocks":{"min":2,"max":8},"blockWidth":{"min":0.5,"max":1}}""")]
    [InlineData("""{"pairs":true,"difficulty":"hard","surface":"mixed"}""")]
    public void Reset_MembersOfAPair_DifferInThePlacesOfTheUpperBlocksAlone(string options)
    {
        foreach (var (one, other) in Members(options))
        {
            var shifts = one.World.Bodies.Zip(other.World.Bodies).Select(pair =>
            {
                Assert.Equal(pair.First, pair.Second with { Position = pair.First.Position });
                Assert.Equal((pair.First.Position.Y, pair.First.Position.Z),
                    (pair.Second.Position.Y, pair.Second.Position.Z));
                return pair.Second.Position.X - pair.First.Position.X;
            }).ToList();
            var first = shifts.FindIndex(shift => shift != 0);

            Assert.InRange(first, 1, shifts.Count - 1);   // the lowest block stays
            Assert.All(shifts[first..], shift => Assert.Equal(shifts[first], shift, 1e-5f));
            Assert.Equal(one.Appearances, other.Appearances);
            Assert.Equal((one.Camera, one.Light, one.Options), (other.Camera, other.Light, other.Options));
            Assert.Equal((one.World.Gravity, one.World.GroundFriction), (other.World.Gravity,
                other.World.GroundFriction));
            Assert.Equal((one.Overlays.Count, one.World.Pushes.Count), (other.Overlays.Count, 0));
        }
    }

    [Fact]
    public void Reset_MembersOfAPair_FallByTorquesAsTheirLabelsSay()
    {
        foreach (var (one, other) in Members("""{"pairs":true}"""))
        {
            Assert.NotEqual(one.State.IsYes, other.State.IsYes);
            Assert.Equal(one.State.IsYes, Statics.Tips(one.World.Bodies));
            Assert.Equal(other.State.IsYes, Statics.Tips(other.World.Bodies));
            // The shift is twice the margin, so the weakest contact is as far beyond its edge as it was before it.
            Assert.Equal(Statics.Room(one.World.Bodies), -Statics.Room(other.World.Bodies), 0.25);
        }
    }

    [Fact]
    public void Reset_ManyPairs_FallFirstOrSecondAlikeOften()
    {
        var first = Members("""{"pairs":true}""", 200).Count(pair => pair.One.State.IsYes);

        Assert.InRange(first, 72, 128);   // four standard deviations of a fair coin
    }

    [Fact]
    public void Reset_OnlyOneMember_IsTheSceneThatItIsInThePair()
    {
        var pair = Open("""{"pairs":true}""", 2);
        pair.Reset(default, [10, 11]);
        foreach (var seed in (ulong[])[10, 11])
        {
            var alone = Open("""{"pairs":true}""", 1);
            alone.Reset(default, [seed]);

            Assert.Equal(pair.Results.SceneHashes[(int)(seed - 10)], alone.Results.SceneHashes[0]);
            Assert.Equal(pair.View.Prompt((int)(seed - 10)), alone.View.Prompt(0));
        }
    }

    [Fact]
    public void State_MembersOfAPair_DifferInOneColumn()
    {
        var batch = Open("""{"pairs":true}""", 2);
        batch.Reset(default, [6, 7]);
        var (one, other) = (new float[StateLayout.Length], new float[StateLayout.Length]);
        batch.View.State([0], one);
        batch.View.State([1], other);

        var columns = Enumerable.Range(0, one.Length).Where(i => one[i] != other[i])
            .Select(i => i % StateLayout.Columns).Distinct();
        Assert.Equal([1], columns);   // x of a position
    }

    private static IEnumerable<(Episode One, Episode Other)> Members(string options, int pairs = Pairs)
    {
        var batch = Open(options, 2 * pairs);
        batch.Reset(0);

        return Enumerable.Range(0, pairs).Select(k => (batch.View.Episode(2 * k), batch.View.Episode((2 * k) + 1)));
    }

    private static EnvironmentBatch Open(string options, int slots) =>
        Given.Batch("Stability-v1", slots, Split.Test, options: options);
}
