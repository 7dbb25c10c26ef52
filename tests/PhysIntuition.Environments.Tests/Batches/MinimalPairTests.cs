using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tests.Tasks;

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
            AssertOneShift(one, other);
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

    [Theory]
    [InlineData("PyramidStability-v1", """{"pairs":true}""")]
    [InlineData("PyramidStability-v1", """{"pairs":true,"rows":{"min":3,"max":4}}""")]
    [InlineData("RedRemove-v1", """{"pairs":true}""")]
    [InlineData("PushOutcome-v1", """{"pairs":true}""")]
    [InlineData("PushOutcome-v1", """{"pairs":true,"blocks":{"min":4,"max":7},"blockWidth":{"min":0.5,"max":1}}""")]
    public void Reset_MembersOfAPairOfBlocks_DifferInOneShiftAndInTheirOutcome(string task, string options)
    {
        foreach (var (one, other) in Members(options, Pairs, task))
        {
            AssertOneShift(one, other);
            Assert.NotEqual(one.State.IsYes, other.State.IsYes);
            Assert.NotEqual(one.OutcomeHash, other.OutcomeHash);
            Assert.Equal(one.State.Subject, other.State.Subject);
            Assert.Equal(one.Overlays.Count, other.Overlays.Count);
            foreach (var (mark, moved) in one.Overlays.Zip(other.Overlays))
            {
                Assert.Equal(mark.To.X - mark.From.X, moved.To.X - moved.From.X, 1e-4f);   // the same push
            }
        }
    }

    // The upper blocks stand elsewhere by one distance; nothing else that is seen differs.
    private static void AssertOneShift(Episode one, Episode other)
    {
        var shifts = one.World.Bodies.Zip(other.World.Bodies).Select(pair =>
        {
            Assert.Equal(pair.First, pair.Second with { Position = pair.First.Position });
            Assert.Equal((pair.First.Position.Y, pair.First.Position.Z),
                (pair.Second.Position.Y, pair.Second.Position.Z));
            return pair.Second.Position.X - pair.First.Position.X;
        }).ToList();
        var first = shifts.FindIndex(shift => shift != 0);

        Assert.InRange(first, 1, shifts.Count - 1);   // what is lowest stays
        Assert.All(shifts[first..], shift => Assert.Equal(shifts[first], shift, 1e-5f));
        Assert.Equal(one.Appearances, other.Appearances);
        Assert.Equal((one.Camera, one.Light, one.Options), (other.Camera, other.Light, other.Options));
    }

    // What a person is shown of an answer is simulated anew, to rest: the label must be seen in it.
    [Theory]
    [InlineData("PyramidStability-v1")]
    [InlineData("RedRemove-v1")]
    [InlineData("PushOutcome-v1")]
    public void Step_MembersOfAPair_ShowTheFallThatTheirLabelsSay(string task)
    {
        var batch = Open("""{"pairs":true}""", 2 * Pairs, task);
        batch.Reset(0);
        var before = new float[batch.Slots * StateLayout.Length];
        var after = new float[before.Length];
        int[] slots = [.. Enumerable.Range(0, batch.Slots)];
        batch.View.State(slots, before);
        batch.Step(Given.ExpertActions(batch));
        batch.View.State(slots, after);

        Assert.All(batch.Results.Rewards, reward => Assert.Equal(1, reward));
        foreach (var slot in slots)
        {
            var episode = batch.View.Episode(slot);
            var drop = Enumerable.Range(0, episode.World.Bodies.Count)
                .Where(body => task != "RedRemove-v1" || body != episode.State.Subject)
                .Max(body => HeightOf(before, slot, body) - HeightOf(after, slot, body));

            Assert.Equal(episode.State.IsYes, drop > 0.1f * 2 * episode.World.Bodies[0].HalfExtents.Y);
        }
    }

    [Fact]
    public void Reset_MembersOfAPairOfSliders_DifferInOneSpeedAndInTheWayThatMomentumTells()
    {
        foreach (var (one, other) in Members("""{"pairs":true}""", 4 * Pairs, "Collision-v1"))
        {
            var (a, b) = (one.World.Bodies, other.World.Bodies);
            Assert.Equal(a[0], b[0]);
            Assert.Equal(a[1], b[1] with { LinearVelocity = a[1].LinearVelocity });
            Assert.NotEqual(a[1].LinearVelocity.X, b[1].LinearVelocity.X);
            Assert.Equal(MathF.Sign(a[1].LinearVelocity.X), MathF.Sign(b[1].LinearVelocity.X));
            Assert.NotEqual(one.State.IsYes, other.State.IsYes);
            Assert.Equal(one.State.IsYes, RedSpeedAfter(one) > 0);
            Assert.Equal(other.State.IsYes, RedSpeedAfter(other) > 0);
            Assert.Equal(one.Appearances, other.Appearances);
            Assert.Equal((one.Camera, one.Light), (other.Camera, other.Light));
        }
    }

    [Theory]
    [InlineData("PyramidStability-v1")]
    [InlineData("RedRemove-v1")]
    [InlineData("PushOutcome-v1")]
    [InlineData("Collision-v1")]
    public void Reset_ManyPairsOfATask_HaveTheirYesFirstOrSecondAlikeOften(string task)
    {
        var first = Members("""{"pairs":true}""", 100, task).Count(pair => pair.One.State.IsYes);

        Assert.InRange(first, 30, 70);   // four standard deviations of a fair coin
    }

    [Theory]
    [InlineData("CollisionStop-v1")]
    public void Open_TaskWithoutPairs_IsRefused(string task) => Assert.Equal("options.pairs",
        Assert.Throws<Faults.PhysIntuitionException>(() => Open("""{"pairs":true}""", 1, task)).Field);

    private static float HeightOf(float[] states, int slot, int body) =>
        states[(slot * StateLayout.Length) + (body * StateLayout.Columns) + 2];

    // Conservation of momentum with restitution, after friction has slowed both down over the gap.
    private static double RedSpeedAfter(Episode episode)
    {
        var (a, b) = (episode.World.Bodies[0], episode.World.Bodies[1]);
        double va = a.LinearVelocity.X, vb = b.LinearVelocity.X, xa = a.Position.X, xb = b.Position.X;
        var slowing = (double)episode.World.GroundFriction * episode.World.Gravity;
        const double step = 1e-4;
        while (Math.Abs(xa - xb) > (double)a.HalfExtents.X + b.HalfExtents.X)
        {
            va -= Math.Sign(va) * Math.Min(Math.Abs(va), slowing * step);
            vb -= Math.Sign(vb) * Math.Min(Math.Abs(vb), slowing * step);
            (xa, xb) = (xa + (va * step), xb + (vb * step));
        }

        var common = ((a.Mass * va) + (b.Mass * vb)) / (a.Mass + b.Mass);
        return common + (episode.World.GroundRestitution * (common - (episode.State.Subject == 0 ? va : vb)));
    }

    private static IEnumerable<(Episode One, Episode Other)> Members(
        string options, int pairs = Pairs, string task = "Stability-v1")
    {
        var batch = Open(options, 2 * pairs, task);
        batch.Reset(0);

        return Enumerable.Range(0, pairs).Select(k => (batch.View.Episode(2 * k), batch.View.Episode((2 * k) + 1)));
    }

    private static EnvironmentBatch Open(string options, int slots, string task = "Stability-v1") =>
        Given.Batch(task, slots, Split.Test, options: options);
}
