using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Queries;

namespace PhysIntuition.Simulation.Tests.Queries;

public sealed class NudgeRobustnessTests
{
    private static readonly BatchSimulator s_engine = new();

    [Fact]
    public void Of_BlockNearItsEdge_FlipsOnlyByTheNudgeThatPushesItOver()
    {
        // The upper cube's centre is 2 mm inside the edge of the lower: it stands. A nudge of 4 mm outwards
        // of the upper cube, or of the lower one inwards, puts it 2 mm outside: two of eight nudges.
        var world = Structures.Column(0f, 0.498f);

        var robustness = NudgeRobustness.Of(s_engine, world, new(), NudgeRobustness.Sideways(world, 0.004f));

        Assert.False(robustness.Falls);
        Assert.Equal(8, robustness.Nudges);
        Assert.Equal(2, robustness.Flips);
        Assert.False(robustness.Survives);
    }

    [Fact]
    public void Of_WellPlacedTower_SurvivesAMillimetre()
    {
        var world = Structures.Column(0f, 0.1f, -0.1f);
        var before = world.Bodies.ToArray();

        var robustness = NudgeRobustness.Of(s_engine, world, new());

        Assert.Equal(new NudgeRobustness(Falls: false, Nudges: 12, Flips: 0), robustness);
        Assert.Equal(before, world.Bodies);
    }

    [Fact]
    public void Of_TowerThatFalls_SurvivesIfItFallsWithEveryNudge()
    {
        var robustness = NudgeRobustness.Of(s_engine, Structures.Column(0f, 0.7f), new());

        Assert.True(robustness.Falls);
        Assert.True(robustness.Survives);
    }

    [Fact]
    public void Sideways_BodiesThatCannotMove_AreLeftAlone()
    {
        var world = Structures.Column(0f, 0f);
        world.Bodies[0] = world.Bodies[0] with { Motion = Motion.Fixed };

        var nudges = NudgeRobustness.Sideways(world, 0.002f);

        Assert.Equal(4, nudges.Length);
        Assert.All(nudges, nudge => Assert.Equal(1, nudge.Body));
        Assert.Equal(Vector3.Zero, nudges.Aggregate(Vector3.Zero, (sum, nudge) => sum + nudge.Offset));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    public void Of_NudgeOfNoBody_NamesTheField(int body)
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => NudgeRobustness.Of(
            s_engine, Structures.Column(0f, 0f), new(), [new(body, Vector3.UnitX)]));

        Assert.Equal("nudge.body", fault.Field);
        Assert.Contains("[0, 2)", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sideways_DistanceOutOfRange_NamesTheField()
    {
        var fault = Assert.Throws<PhysIntuitionException>(() => NudgeRobustness.Sideways(new(), -1f));

        Assert.Equal("distance", fault.Field);
    }
}
