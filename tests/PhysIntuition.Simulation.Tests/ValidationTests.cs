using System.Numerics;
using PhysIntuition.Faults;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Simulation.Tests;

public sealed class ValidationTests
{
    private static readonly BatchSimulator s_engine = new();

    public static TheoryData<string, Action<World>> Faults { get; } = new()
    {
        { "worlds[1].bodies[2].position", w => Change(w, b => b with { Position = new(float.NaN, 0f, 0f) }) },
        { "worlds[1].bodies[2].linear_velocity", w => Change(w, b => b with { LinearVelocity = new(0f, 2000f, 0f) }) },
        { "worlds[1].bodies[2].angular_velocity", w => Change(w, b => b with { AngularVelocity = new(-1e9f) }) },
        { "worlds[1].bodies[2].half_extents", w => Change(w, b => b with { HalfExtents = new(0.1f, 0f, 0.1f) }) },
        { "worlds[1].bodies[2].mass", w => Change(w, b => b with { Mass = -1f }) },
        { "worlds[1].bodies[2].friction", w => Change(w, b => b with { Friction = 2.5f }) },
        { "worlds[1].bodies[2].restitution", w => Change(w, b => b with { Restitution = 1.5f }) },
        { "worlds[1].bodies[2].orientation", w => Change(w, b => b with { Orientation = new(0f, 0f, 0f, 2f) }) },
        { "worlds[1].bodies[2].motion", w => Change(w, b => b with { Motion = (Motion)9 }) },
        { "worlds[1].bodies", w => w.Bodies.AddRange(Enumerable.Repeat(new Body(), 70)) },
        { "worlds[1].gravity", w => w.Gravity = -1f },
        { "worlds[1].ground_friction", w => w.GroundFriction = float.NaN },
        { "worlds[1].ground_restitution", w => w.GroundRestitution = 2f },
        { "worlds[1].pushes[0].body", w => w.Pushes.Add(new ExternalForce(9, Vector3.UnitX, default, 0f, 0f)) },
        { "worlds[1].pushes[0].vector", w => w.Pushes.Add(new ExternalForce(0, new(float.NaN), default, 0f, 0f)) },
        { "worlds[1].pushes[0].start", w => w.Pushes.Add(new ExternalForce(0, Vector3.UnitX, default, -1f, 0f)) },
        {
            "worlds[1].pushes[0].duration",
            w => w.Pushes.Add(new ExternalForce(0, Vector3.UnitX, default, 0f, float.NaN))
        },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Settle_WorldOutOfRange_NamesTheFieldAndMovesNothing(string field, Action<World> spoil)
    {
        var good = Families.Make("tumble");
        var before = WorldHash.OfScene(good);
        var bad = Families.Make("tower");
        spoil(bad);

        var fault = Assert.Throws<PhysIntuitionException>(
            () => s_engine.Settle([good, bad], new SettleOptions(), new Outcome[2]));

        Assert.Equal(Fault.InvalidArgument, fault.Fault);
        Assert.Equal(field, fault.Field);
        Assert.StartsWith(field + " is ", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, WorldHash.OfScene(good));
    }

    [Fact]
    public void Advance_OneWorldTwiceInABatch_IsRefused()
    {
        World tower = Families.Make("tower"), other = Families.Make("push");
        var before = WorldHash.OfScene(tower);

        var fault = Assert.Throws<PhysIntuitionException>(() => s_engine.Advance([tower, other, tower], 1f));

        Assert.Equal("worlds[2]", fault.Field);
        Assert.Contains("twice", fault.Message, StringComparison.Ordinal);
        Assert.Equal(before, WorldHash.OfScene(tower));
        s_engine.Advance([tower, other], 0.1f);   // each once: a refused call leaves no trace
    }

    [Fact]
    public void Advance_NoWorldInAPlace_IsRefused() => Assert.Equal(
        "worlds[1]", Assert.Throws<PhysIntuitionException>(() => s_engine.Advance([new World(), null!], 1f)).Field);

    [Fact]
    public void Constructor_UnknownLaneWidth_IsRefused() => Assert.Equal(
        "lane_width", Assert.Throws<PhysIntuitionException>(
            () => new BatchSimulator(new SimulatorOptions { LaneWidth = (LaneWidth)7 })).Field);

    [Fact]
    public void Settle_TooFewOutcomes_SaysHowMany()
    {
        var fault = Assert.Throws<PhysIntuitionException>(
            () => s_engine.Settle([new World(), new World()], new SettleOptions(), new Outcome[1]));

        Assert.Equal("outcomes", fault.Field);
    }

    [Theory]
    [InlineData("max_time", -1f, 0.05f)]
    [InlineData("fall_drop", 1f, float.NaN)]
    public void Settle_OptionOutOfRange_NamesIt(string field, float maxTime, float fallDrop)
    {
        var options = new SettleOptions { MaxTime = maxTime, FallDrop = fallDrop };

        Assert.Equal(field, Assert.Throws<PhysIntuitionException>(() => s_engine.Settle([], options, [])).Field);
    }

    [Fact]
    public void Advance_NegativeDuration_IsRefused() =>
        Assert.Equal("duration", Assert.Throws<PhysIntuitionException>(() => s_engine.Advance([], -1f)).Field);

    [Fact]
    public void Constructor_TooManyThreads_IsRefused() =>
        Assert.Equal("threads", Assert.Throws<PhysIntuitionException>(
            () => new BatchSimulator(new SimulatorOptions { Threads = 2000 })).Field);

    private static void Change(World world, Func<Body, Body> change) => world.Bodies[2] = change(world.Bodies[2]);
}
