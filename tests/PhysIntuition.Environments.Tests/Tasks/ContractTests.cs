using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What holds for every task.</summary>
public sealed class ContractTests
{
    private const int Episodes = 24;

    public static TheoryData<string> Tasks => Given.Tasks;

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_ScalarEngineAndOneThread_GivesTheSameBits(string task)
    {
        var wide = Given.Batch(task, 8);
        wide.Reset(50);
        using var scalar = new BatchSimulator(new SimulatorOptions { LaneWidth = LaneWidth.One, Threads = 1 });
        var alone = new EnvironmentBatch(wide.Task, wide.Options, scalar);
        alone.Reset(50);
        for (var mask = new bool[8]; wide.FindRunning(mask);)
        {
            wide.Step(Given.ExpertActions(wide), mask);
            alone.Step(Given.ExpertActions(alone), mask);

            Assert.Equal(wide.Results.SceneHashes, alone.Results.SceneHashes);
            Assert.Equal(wide.Results.OutcomeHashes, alone.Results.OutcomeHashes);
            Assert.Equal(wide.Results.Rewards, alone.Results.Rewards);
        }
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_ExpertAnswer_ReachesTheStatedMaximum(string task)
    {
        var batch = Given.Batch(task, Episodes);
        batch.Reset(0);
        var perfect = batch.Task.Spec.Anchors.Perfect;

        Assert.InRange(Given.PlayExpert(batch).Average(), perfect - 0.01, perfect);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Step_Unreadable_PaysTheLeastAndSaysWhy(string task)
    {
        var batch = Given.Batch(task, 1);
        batch.Reset(0);
        batch.Step([SlotAction.OfText("I do not know.")]);

        Assert.True(batch.Results.Rewards[0] <= 0);
        Assert.Contains("<answer>", batch.Results.ParseErrors[0], StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Render_BeforeAndAfter_FillsThePicture(string task)
    {
        var batch = Given.Batch(task, 1);
        batch.Reset(3);
        var before = Given.Picture(batch, 0);
        batch.Step(Given.ExpertActions(batch));

        Assert.True(before.Distinct().Count() > 8);
        Assert.Equal(before.Length, Given.Picture(batch, 0).Length);
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void State_OpenSplit_FitsItsSpace(string task)
    {
        var batch = Given.Batch(task, 1);
        batch.Reset(3);
        var state = new float[StateLayout.Length];
        batch.View.State([0], state);

        Assert.Equal(batch.View.Episode(0).World.Bodies.Count, Enumerable.Range(0, StateLayout.Rows).Count(r =>
            state[r * StateLayout.Columns] == 1));
        Assert.All(state, number => Assert.True(float.IsFinite(number)));
    }

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Prompt_ReadBack_AsksForAFormThatParses(string task)
    {
        var batch = Given.Batch(task, 1);
        batch.Reset(3);

        Assert.Contains("<answer>", batch.View.Prompt(0), StringComparison.Ordinal);
        Assert.True(batch.Task.Parse(batch.View.Expert(0), batch.View.Episode(0)).IsLegal);
    }
}
