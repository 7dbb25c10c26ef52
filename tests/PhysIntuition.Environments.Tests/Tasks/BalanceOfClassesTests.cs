using PhysIntuition.Environments.Options;

namespace PhysIntuition.Environments.Tests.Tasks;

public sealed class BalanceOfClassesTests
{
    private const int Seeds = 2000;

    [Fact]
    public void Reset_Stability_IsBalancedWithinNumberOfBlocksAndDifficulty()
    {
        var batch = Given.Batch("Stability-v1", Seeds, Split.Train);
        batch.Reset(0);
        var cells = Enumerable.Range(0, Seeds).Select(i => batch.View.Episode(i)).GroupBy(e =>
            (e.World.Bodies.Count, Bin: MathF.Abs(e.State.Margin) switch { > 0.16f => 0, > 0.08f => 1, _ =>
                2 })).ToList();

        Assert.Equal(4 * 3, cells.Count);
        foreach (var cell in cells)
        {
            // Four standard deviations of a fair coin: a false alarm in 12 cells has odds below 1 in 1,000.
            var (n, yes) = (cell.Count(), cell.Count(e => e.State.IsYes));
            Assert.InRange(yes, (n / 2.0) - (2 * Math.Sqrt(n)), (n / 2.0) + (2 * Math.Sqrt(n)));
            Assert.InRange(n, Seeds / 12.0 * 0.6, Seeds / 12.0 * 1.4);
        }
    }

    [Fact]
    public void Play_RandomAnswersToStability_AreRightHalfOfTheTime()
    {
        var batch = Given.Batch("Stability-v1", Seeds, Split.Train);
        batch.Reset(0);
        var random = new Simulation.RandomStream(1);
        var actions = new Environments.Batches.SlotAction[Seeds];
        for (var i = 0; i < Seeds; i++)
        {
            actions[i] = Environments.Batches.SlotAction.OfNumbers(random.NextInt(0, 2));
        }

        batch.Step(actions);

        Assert.InRange(batch.Results.Rewards.Average(), 0.47, 0.53);
    }

    [Fact]
    public void Reset_MinimalPairs_DifferByOneShiftAndInTheirOutcome()
    {
        var batch = Given.Batch("Stability-v1", 64, Split.Test, options: """{"pairs":true}""");
        batch.Reset(0);
        for (var i = 0; i < 64; i += 2)
        {
            var (a, b) = (batch.View.Episode(i), batch.View.Episode(i + 1));
            Assert.NotEqual(a.State.IsYes, b.State.IsYes);
            Assert.Equal(a.Appearances, b.Appearances);
            Assert.Equal(a.Camera, b.Camera);
            var shifts = a.World.Bodies.Zip(b.World.Bodies, (p, q) => q.Position.X - p.Position.X).ToList();
            var moved = shifts.FindIndex(shift => shift != 0);
            Assert.True(moved > 0 && shifts[..moved].TrueForAll(s => s == 0));
            Assert.All(shifts[moved..], shift => Assert.Equal(shifts[^1], shift, 1e-5f));
        }
    }

    [Fact]
    public void Reset_SplitsAndTasks_ShareNoScene()
    {
        var hashes = new HashSet<ulong>();
        foreach (var split in Enum.GetValues<Split>())
        {
            var batch = Given.Batch("Stability-v1", 32, split);
            batch.Reset(0);
            Assert.All(batch.Results.SceneHashes, hash => Assert.True(hashes.Add(hash)));
        }
    }
}
