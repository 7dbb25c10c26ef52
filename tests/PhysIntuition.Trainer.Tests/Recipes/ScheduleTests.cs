using PhysIntuition.Trainer.Rollouts;
using PhysIntuition.Vlm;
using TorchSharp;

namespace PhysIntuition.Trainer.Recipes;

/// <summary>What changes from step to step: learning rates, seeds, levels, patience.</summary>
public sealed class ScheduleTests
{
    // Ten steps, two of warm-up: a third and two thirds of the peak, then eight steps down.
    [Theory]
    [InlineData(Decay.Constant, new[] { 1 / 3.0, 2 / 3.0, 1, 1, 1, 1, 1, 1, 1, 1 })]
    [InlineData(Decay.Linear, new[] { 1 / 3.0, 2 / 3.0, 1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125 })]
    public void At_EachStep_IsTheShareOfThePeak(Decay decay, double[] shares)
    {
        var rate = new LearningRate(3e-4, decay, WarmupShare: 0.2, Steps: 10);

        Assert.All(shares.Select((share, step) => (share, step)), at =>
            Assert.Equal(3e-4 * at.share, rate.At(at.step), 1e-15));
    }

    [Theory]
    [InlineData(new[] { 0.1, 0.1, 0.1 }, new[] { 0.2, 0.45, 0.7, 0.95 })]    // below the target of 1: it rises
    [InlineData(new[] { 3.0, 3.0, 0.5 }, new[] { 0.2, 0, 0, 0.25 })]         // above: left out, and never below 0
    [InlineData(new[] { 1.0, 0.5, 1.5 }, new[] { 0.2, 0, 0.25, 0 })]         // at the target it falls, and counts
    public void Weight_OfTheEntropyBonus_FollowsTheEntropyOfTheStepBefore(double[] entropies, double[] weights)
    {
        var control = new EntropyControl(target: 1, step: 0.25, start: 0.2);
        var seen = new List<double> { control.Weight };
        foreach (var entropy in entropies)
        {
            control.Add(entropy);
            seen.Add(control.Weight);
        }

        Assert.Equal(weights.Length, seen.Count);
        Assert.All(weights.Zip(seen), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
    }

    [Fact]
    public void Weight_OfTheEntropyBonus_GoesOnFromACheckpointAndIsConstantWithoutATarget()
    {
        using var folder = new TemporaryFolder();
        var control = new EntropyControl(target: 1, step: 0.25, start: 0);
        control.Add(0.5);
        control.Add(2);
        control.Save(folder.Root);
        var again = new EntropyControl(target: 1, step: 0.25, start: 7);
        again.Restore(folder.Root);
        control.Add(0.5);
        again.Add(0.5);

        Assert.Equal(control.Weight, again.Weight);

        using var empty = new TemporaryFolder();
        var constant = new EntropyControl(target: 0, step: 0.25, start: 0.3);
        constant.Add(100);
        constant.Save(empty.Root);
        constant.Restore(empty.Root);
        Assert.Equal(0.3, constant.Weight);
        Assert.Empty(Directory.GetFileSystemEntries(empty.Root));
    }

    [Fact]
    public void At_Cosine_IsHalfAtHalfAndSymmetric()
    {
        var rate = new LearningRate(2, Decay.Cosine, WarmupShare: 0, Steps: 8);

        Assert.Equal(2, rate.At(0), 1e-12);
        Assert.Equal(1, rate.At(4), 1e-12);
        Assert.Equal(2 - Math.Sqrt(0.5) - (1 - Math.Sqrt(0.5)) + Math.Sqrt(0.5), rate.At(2) + 0.0, 1e-12);
        for (var step = 0; step <= 4; step++)
        {
            Assert.Equal(2, rate.At(step) + rate.At(8 - step), 1e-12);
        }
    }

    [Theory]
    [InlineData(Decay.Constant)]
    [InlineData(Decay.Linear)]
    [InlineData(Decay.Cosine)]
    public void At_WholeRun_IsPositiveAndNeverAboveThePeak(Decay decay)
    {
        foreach (var (steps, warmup) in ((int, double)[])[(1, 0), (1, 0.9), (2, 0.5), (100, 0.05), (33, 0.99)])
        {
            var rate = new LearningRate(1, decay, warmup, steps);
            double[] rates = [.. Enumerable.Range(0, steps).Select(step => rate.At(step))];

            Assert.All(rates, own => Assert.InRange(own, double.Epsilon, 1));
            var top = Array.IndexOf(rates, rates.Max());
            Assert.Equal(rates[..(top + 1)].Order(), rates[..(top + 1)]);
            Assert.Equal(rates[top..].OrderDescending(), rates[top..]);
        }
    }

    [Fact]
    public void Seed_EveryStepPartAndTurnOfSeveralRuns_IsAnother()
    {
        ulong[] seeds = [.. from run in (ulong[])[0, 1, 2, 77]
                            from step in Enumerable.Range(0, 200)
                            from part in Enumerable.Range(0, 4)
                            from turn in Enumerable.Range(0, 3)
                            select SeedSequence.Seed(run, step, part, turn)];

        Assert.Equal(seeds.Length, seeds.Distinct().Count());
    }

    [Theory]
    [InlineData(0, new[] { 3.0, 2, 1, 0, -1 }, false)]      // without patience nothing ends
    [InlineData(1, new[] { 1.0, 1 }, true)]                 // equal is not better
    [InlineData(2, new[] { 1.0, 0.5, 2, 1, 3 }, false)]
    [InlineData(2, new[] { 1.0, 0.5, 2, 1, 1.5 }, true)]
    [InlineData(3, new[] { double.NaN, double.NaN, double.NaN, double.NaN }, true)]
    public void Add_Evaluations_EndAfterSoManyWithoutABetterOne(int patience, double[] scores, bool isOver)
    {
        var stopping = new EarlyStopping(patience);
        foreach (var score in scores)
        {
            stopping.Add(score);
        }

        Assert.Equal(isOver, stopping.IsOver);
    }

    [Fact]
    public void Add_SuccessBelowTheTarget_StaysAtItsLevel()
    {
        var curriculum = Curriculum.Read("""[{"a":1},{"a":2}]""", target: 0.75, window: 3)!;
        double[] successes = [0.7, 0.7, 0.7, 0.7, 0.84, 0.85, 0.56];
        foreach (var success in successes.SkipLast(1))
        {
            curriculum.Add(success);
        }

        // The last three so far: 0.7, 0.84, 0.85 are 0.797 and rise; a new window begins empty.
        Assert.Equal((1, """{"a":2}"""), (curriculum.Level, curriculum.Options));
        Assert.Empty(curriculum.State.Recent);
        curriculum.Add(successes[^1]);
        Assert.Equal([0.56], curriculum.State.Recent);
        Assert.Null(Curriculum.Read("", 0.5, 1));
    }

    [Fact]
    public void Of_RowsOfUnequalLength_PadWithZeros()
    {
        NativeTorch.Require();
        using var mask = Masks.Of([[7, 7, 7], [7], []], torch.CPU);
        using var padded = Masks.Pad([[1f, 2f], [3f], []], torch.CPU);

        Assert.Equal([1f, 1, 1, 1, 0, 0, 0, 0, 0], mask.data<float>().ToArray());
        Assert.Equal([1f, 2, 3, 0, 0, 0], padded.data<float>().ToArray());
        Assert.Equal([3, 3], mask.shape);
        Assert.Equal([3, 2], padded.shape);
    }
}
