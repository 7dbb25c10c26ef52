using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

/// <summary>Worlds can be stopped, copied and continued without a trace.</summary>
public sealed class ContinuationTests
{
    public static TheoryData<string> All { get; } = [.. Families.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Advance_InTwoParts_EqualsAdvanceInOne(string family)
    {
        using var engine = new BatchSimulator();
        var whole = Families.Make(family);
        var parts = Families.Make(family);

        engine.Advance([whole], 0.8f);
        engine.Advance([parts], 0.3f);
        engine.Advance([parts], 0.5f);

        Assert.Equal(WorldHash.OfScene(whole), WorldHash.OfScene(parts));
    }

    [Theory]
    [MemberData(nameof(All))]
    public void CopyFrom_InTheMiddle_ForksTheWorld(string family)
    {
        using var engine = new BatchSimulator();
        var world = Families.Make(family);
        engine.Advance([world], 0.25f);

        var fork = new World();
        fork.CopyFrom(world);
        engine.Advance([world], 0.25f);
        var end = WorldHash.OfScene(world);

        Assert.NotEqual(end, WorldHash.OfScene(fork));
        engine.Advance([fork], 0.25f);
        Assert.Equal(end, WorldHash.OfScene(fork));
    }

    [Fact]
    public void CopyFrom_AFreshWorld_ForgetsTheOldContacts()
    {
        using var engine = new BatchSimulator();
        var used = Families.Make("tower");
        engine.Advance([used], 0.5f);
        var fresh = Families.Make("tower", 3);
        var expected = Families.Make("tower", 3);

        used.CopyFrom(fresh);
        engine.Advance([used, expected], 0.25f);

        Assert.Equal(WorldHash.OfScene(expected), WorldHash.OfScene(used));
    }

    [Fact]
    public void Advance_AfterABodyWasChanged_EqualsAFreshWorld()
    {
        using var engine = new BatchSimulator();
        var world = Families.Make("tower");
        engine.Advance([world], 0.2f);
        world.Bodies[2] = world.Bodies[2] with { Position = world.Bodies[2].Position + new Vector3(0.01f, 0f, 0f) };

        var fresh = new World { Time = world.Time };
        fresh.Bodies.AddRange(world.Bodies);
        engine.Advance([world, fresh], 0.2f);

        Assert.Equal(WorldHash.OfScene(fresh), WorldHash.OfScene(world));
    }

    [Fact]
    public void Advance_WithGravityChangedInBetween_UsesTheNewGravity()
    {
        using var engine = new BatchSimulator();
        var world = new World { Gravity = 0f };
        world.Bodies.Add(Families.Block(0f, 5f, 0f));
        engine.Advance([world], 0.5f);
        Assert.Equal(5f, world.Bodies[0].Position.Y);

        world.Gravity = 4f;
        engine.Advance([world], 0.5f);

        // v = g t, exactly but for rounding of 480 additions.
        Assert.Equal(-2f, world.Bodies[0].LinearVelocity.Y, tolerance: 1e-4f);
    }
}
