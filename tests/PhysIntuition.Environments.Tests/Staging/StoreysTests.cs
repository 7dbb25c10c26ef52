using System.Numerics;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>The statics of storeys, on towers whose margins are counted by hand.</summary>
public sealed class StoreysTests
{
    // One plank on posts 1 m wide, 2 m apart from middle to middle: the outer edges are 2.5 m from the middle.
    [Theory]
    [InlineData(0f, 2.5)]
    [InlineData(1f, 1.5)]
    [InlineData(-2f, 0.5)]
    public void Margin_AllPosts_IsTheWayFromTheLoadToTheOuterEdge(float load, double margin) =>
        Assert.Equal(margin, Storeys.Of(OneStorey(load)).Margin(), 1e-3);

    [Theory]
    [InlineData(0, 0f, 0.5)]     // without the left post the middle one's left edge is 0.5 m from the load
    [InlineData(1, 0f, 2.5)]     // the middle post bears nothing that the outer two cannot
    [InlineData(2, 0f, 0.5)]
    [InlineData(0, 1f, 1.5)]     // the load leans to the right, where posts are left
    [InlineData(2, 1f, -0.5)]    // and falls without the right one
    public void Margin_WithoutAPost_IsTheWayToTheNextOne(int post, float load, double margin) =>
        Assert.Equal(margin, Storeys.Of(OneStorey(load)).Margin(without: 1 << post), 1e-3);

    [Fact]
    public void Safest_OneStorey_IsAPostThatTheLoadDoesNotLeanOn()
    {
        Assert.Equal(1, Storeys.Of(OneStorey(load: 0f)).Safest());
        Assert.NotEqual(2, Storeys.Of(OneStorey(load: 2f)).Safest());
        Assert.NotEqual(0, Storeys.Of(OneStorey(load: -2f)).Safest());
        Assert.Equal(-1, Storeys.Of(OneStorey(load: 3f)).Safest());   // it falls with all of them
    }

    [Fact]
    public void Most_LoadInTheMiddle_LeavesThatPostAlone()
    {
        var storeys = Storeys.Of(OneStorey(load: 0f));

        // The left and the right one can go: the middle one bears the load, with 0.5 to spare on both sides.
        Assert.Equal(2, storeys.Most(limit: 5, least: 0.05, out _));
        Assert.Equal(1, storeys.Most(limit: 1, least: 0.05, out _));
        Assert.Equal(1, storeys.Most(limit: 5, least: 0.6, out var first));   // the middle one, and none after it
        Assert.Equal(1, first);
        Assert.Equal(0, storeys.Most(limit: 5, least: 2.6, out var none));
        Assert.Equal(-1, none);
    }

    [Fact]
    public void Margin_UpperStoreyThatOverhangs_WeighsOnTheLowerOneToo()
    {
        // The upper storey alone: its posts at 1, 3 and 5, the plank's and the load's middle at 3.
        var world = TwoStoreys(shift: 3f, load: 3f);

        // The lower one carries its own plank at 0 and three times as much at 3, besides the posts at 3.
        var above = world.Bodies.Where(body => body.Position.Y > 1.01f).ToList();
        var centre = above.Sum(body => body.Mass * body.Position.X) / above.Sum(body => body.Mass);
        Assert.True(centre > 1.5);
        Assert.Equal(2.5 - centre, Storeys.Of(world).Margin(), 1e-3);
    }

    [Fact]
    public void TakeOut_Post_LeavesItsIndexAndNothingElse()
    {
        var world = TwoStoreys(shift: 0f, load: 0f);
        Assert.Equal(6, Storeys.PostsIn(world));
        var before = world.Bodies.ToArray();

        Storeys.TakeOut(world, 4);

        Assert.Equal([4], Enumerable.Range(0, 6).Where(post => Storeys.IsOut(world, post)));
        Assert.All(Enumerable.Range(0, before.Length).Where(i => i != 4), i =>
            Assert.Equal(before[i], world.Bodies[i]));
        Assert.True(world.Bodies[4].Position.Z > 100f, "it lies behind every camera");
        Assert.Equal(2.5, Storeys.Of(world).Margin(), 1e-3);   // the middle post of the upper storey
    }

    [Fact]
    public void Of_PostsInAnyOrder_ReadsTheSameTower()
    {
        var (world, shuffled) = (TwoStoreys(shift: 0.5f, load: 1f), TwoStoreys(shift: 0.5f, load: 1f));
        (shuffled.Bodies[0], shuffled.Bodies[5]) = (shuffled.Bodies[5], shuffled.Bodies[0]);
        (shuffled.Bodies[1], shuffled.Bodies[3]) = (shuffled.Bodies[3], shuffled.Bodies[1]);

        for (var without = 0; without < 64; without++)
        {
            Assert.Equal(Storeys.Of(world).Margin(without), Storeys.Of(shuffled).Margin(without));
        }
    }

    // Posts of light wood, so that what they weigh does not matter; the load is in the middle of its weight.
    private static World OneStorey(float load)
    {
        var world = new World();
        world.Bodies.AddRange([Post(-2f, 0f), Post(0f, 0f), Post(2f, 0f), Plank(load, 1f), Weight(load, 1.2f)]);

        return world;
    }

    private static World TwoStoreys(float shift, float load)
    {
        var world = new World();
        world.Bodies.AddRange([Post(-2f, 0f), Post(0f, 0f), Post(2f, 0f)]);
        world.Bodies.AddRange([Post(shift - 2f, 1.2f), Post(shift, 1.2f), Post(shift + 2f, 1.2f)]);
        world.Bodies.AddRange([Plank(0f, 1f), Plank(shift, 2.2f), Weight(load, 2.4f)]);

        return world;
    }

    private static Body Post(float x, float bottom) => Block(x, bottom, new(1f, 1f, 1f), mass: 1e-6f);

    private static Body Plank(float x, float bottom) => Block(x, bottom, new(12f, 0.2f, 1f), mass: 100f);

    private static Body Weight(float x, float bottom) => Block(x, bottom, new(1f, 1f, 1f), mass: 100f);

    private static Body Block(float x, float bottom, Vector3 size, float mass) => new()
    {
        Position = new(x, bottom + (size.Y / 2), 0f), HalfExtents = size / 2, Mass = mass,
    };
}
