using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Rewards of every task, for the most extreme answers and scenes, lie where the task says.</summary>
public sealed class ScoreRangeTests
{
    private const int Scenes = 4;

    public static TheoryData<string, string> Cases => new(
        from task in TaskCatalog.All
        where !task.Spec.NeedsPictures
        from options in Options(task.Spec)
        select (task.Spec.Id, options));

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_CornersOfTheAnswers_PayWithinTheStatedRange(string id, string options)
    {
        var task = TaskCatalog.Find(id);
        foreach (var corner in Corners(task.Spec).Append(null))
        {
            var batch = Given.Batch(id, Scenes, options: options);
            batch.Reset(3);
            var mask = new bool[Scenes];
            for (var step = 0; batch.FindRunning(mask); step++)
            {
                var action = corner is null || step == 1 ? SlotAction.OfText("?") : SlotAction.OfNumbers(corner);
                batch.Step([.. Enumerable.Repeat(action, Scenes)], mask);
                Assert.All(batch.Results.Rewards, reward =>
                    Assert.InRange(reward, task.Spec.Reward.Min, task.Spec.Reward.Max));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Step_ExpertAnswerAsText_IsLegalAndPaysTheMost(string id, string options)
    {
        var batch = Given.Batch(id, Scenes, options: options);
        batch.Reset(3);

        Assert.All(Given.PlayExpert(batch), earned => Assert.InRange(
            earned, batch.Task.Spec.Anchors.Perfect - 0.011, batch.Task.Spec.Anchors.Perfect));
    }

    [Theory]
    [MemberData(nameof(Given.Tasks), MemberType = typeof(Given))]
    public void Step_RandomNumbers_PayWithinTheStatedRange(string id)
    {
        const int scenes = 64;
        var (batch, axes) = (Given.Batch(id, scenes), TaskCatalog.Find(id).Spec.Answer);
        batch.Reset(11);
        var mask = new bool[scenes];
        for (var step = 0; batch.FindRunning(mask); step++)
        {
            batch.Step([.. Enumerable.Range(0, scenes).Select(slot =>
            {
                var random = new RandomStream((ulong)slot, (ulong)step);
                return SlotAction.OfNumbers([.. axes.Select(axis =>
                    Math.Round(axis.Min + ((axis.Max - axis.Min) * random.NextFloat())))]);
            })], mask);
            var range = batch.Task.Spec.Reward;
            Assert.All(batch.Results.Rewards, reward => Assert.InRange(reward, range.Min, range.Max));
        }
    }

    [Theory]
    [MemberData(nameof(Given.Tasks), MemberType = typeof(Given))]
    public void Spec_Anchors_LieInTheRangeOneAboveTheOther(string id)
    {
        var spec = TaskCatalog.Find(id).Spec;

        Assert.True(spec.Reward.Min <= spec.Anchors.Random && spec.Anchors.Random < spec.Anchors.Perfect);
        Assert.True(spec.Anchors.Perfect <= spec.Reward.Max);
    }

    // As usual, at the largest and smallest of what shapes the scene, and in the other way of paying.
    private static IEnumerable<string> Options(TaskSpec spec)
    {
        yield return "{}";
        if (spec.OptionsType.IsSubclassOf(typeof(ColumnOptions)) && !spec.Observations.SequenceEqual(
            ObservationSpec.PictureOnly))
        {
            yield return """{"blocks":{"min":10,"max":10},"blockWidth":{"min":1.5,"max":1.5}}""";
            yield return """{"blocks":{"min":2,"max":2},"blockWidth":{"min":0.2,"max":0.2}}""";
        }

        if (spec.OptionsType.IsSubclassOf(typeof(TowerOptions)))
        {
            yield return """
                {"blocks":{"min":9,"max":10},"blockWidth":{"min":1.4,"max":1.5},"blockHeight":{"min":1.3,"max":1.5}}
                """;
        }

        switch (spec.OptionsType.GetProperty("Reward")?.PropertyType.Name)
        {
            case nameof(YesNoReward):
                yield return """{"reward":"signed"}""";
                break;
            case nameof(PlacementReward):
                yield return """{"reward":"physical"}""";
                break;
        }
    }

    // Of a list those where all items are alike.
    private static IEnumerable<double[]?> Corners(TaskSpec spec)
    {
        var period = spec.Answer[0].Fields?.Count ?? spec.Answer.Count;
        var own = Math.Min(spec.Answer.Count, period + 1);

        return Enumerable.Range(0, 1 << own).Select(bits => spec.Answer.Select((axis, k) =>
            (bits & (1 << (k < own ? k : ((k - 1) % period) + 1))) == 0 ? axis.Min : axis.Max).ToArray());
    }
}
