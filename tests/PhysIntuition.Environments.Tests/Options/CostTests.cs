using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Options;

/// <summary>What a scene costs, counted and not timed: simulated seconds of bodies, and candidates.</summary>
public sealed class CostTests
{
    private const int Scenes = 16;
    private const double MostTimes = 10;
    private const double CostOfCandidate = 0.01;   // body-seconds: what arranging one takes of the time to simulate

    public static TheoryData<string> Tasks =>
        new(TaskCatalog.All.Where(task => task.Spec.HasScenes).Select(task => task.Spec.Id));

    [Theory]
    [MemberData(nameof(Tasks))]
    public void Reset_OptionAtEitherEndOfItsRange_CostsAtMostTenTimesTheUsual(string id)
    {
        var task = TaskCatalog.Find(id);
        var usual = Cost(task, "{}");

        var dear =
            from end in Ends(task.Spec)
            let cost = Cost(task, end.Json)
            where cost > MostTimes * usual
            select $"{end.Path} at {end.Value}: {cost:0.0} body-seconds a scene, usually {usual:0.0}";

        Assert.Empty(dear);
    }

    [Fact]
    public void Reset_WeakGravity_StillSeesSlowTowersFall()
    {
        // A tower that tips in 2 s on earth needs 2 s sqrt(9.81 / 1.5) = 5.1 s: more than a label's time on earth.
        var report = new DraftReport();
        var batch = Given.Batch("Stability-v1", 64, options: """{"physics":{"gravity":{"min":1.5,"max":1.5}}}""");
        batch.Report = report;
        batch.Reset(0);

        Assert.InRange(report.Rejected, 0, 6);
        Assert.InRange(Enumerable.Range(0, 64).Count(i => batch.EpisodeFor(i).State.IsYes), 16, 48);
    }

    [Fact]
    public void Check_FrictionThatTurnsPushedCubesOver_IsRefusedWithTheReason()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Given.Batch("Push-v1", 1, options: """{"physics":{"friction":{"min":0.5,"max":1}}}"""));

        Assert.Equal("options.physics.friction.max", fault.Field);
        Assert.Contains("slide up to 0.9, then turn over", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Outcome-v1")]
    [InlineData("Cause-v1")]
    public void Check_BouncingBlocksWhoseEndIsAsked_AreRefusedWithTheReason(string id)
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => Given.Batch(id, 1, options: """{"physics":{"restitution":{"min":0.5,"max":0.9}}}"""));

        Assert.Equal("options.physics.restitution.max", fault.Field);
        Assert.Contains("is 0.9; it must be at most 0.5 for ends", fault.Message, StringComparison.Ordinal);
    }

    // One option at one end of its range, both ends of what is drawn from; the rest as usual.
    private static IEnumerable<(string Path, double Value, string Json)> Ends(TaskSpec spec) =>
        from range in Given.Ranges(spec.OptionsType)
        from value in (double[])[range.Rule.Min, range.Rule.Max]
        let json = Given.Nest(range.Path, new JsonObject { ["min"] = value, ["max"] = value })
        where IsTaken(spec, json)
        select (range.Path, value, json);

    private static bool IsTaken(TaskSpec spec, string json) =>
        Record.Exception(() => OptionsReader.Read(spec, json)) is null;

    private static double Cost(ITask task, string json)
    {
        var (counter, report) = (new CountingSimulator(Given.Simulator), new DraftReport());
        var batch = new EnvironmentBatch(
            task, new BatchOptions { Slots = Scenes, Task = OptionsReader.Read(task.Spec, json) }, counter)
        {
            Report = report,
        };
        batch.Reset(0UL);

        return (counter.BodySeconds + (CostOfCandidate * (report.Accepted + report.Rejected))) / Scenes;
    }

    private sealed class CountingSimulator(ISimulator inner) : ISimulator
    {
        public double BodySeconds { get; private set; }

        public string Name => inner.Name;

        public void Settle(ReadOnlySpan<World> worlds, SettleOptions options, Span<Outcome> outcomes)
        {
            inner.Settle(worlds, options, outcomes);
            for (var i = 0; i < worlds.Length; i++)
            {
                BodySeconds += worlds[i].Bodies.Count * (double)outcomes[i].Time;
            }
        }

        public void Advance(ReadOnlySpan<World> worlds, float duration)
        {
            inner.Advance(worlds, duration);
            foreach (var world in worlds)
            {
                BodySeconds += world.Bodies.Count * (double)duration;
            }
        }
    }
}
