using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Staging;

/// <summary>Towers, heaps and arrows as they are arranged, against what their documentation promises.</summary>
public sealed class StagingTests
{
    [Theory]
    [InlineData(Difficulty.Easy, 0.16, 0.30)]
    [InlineData(Difficulty.Medium, 0.08, 0.16)]
    [InlineData(Difficulty.Hard, Towers.LeastMargin, 0.08)]
    [InlineData(Difficulty.Any, Towers.LeastMargin, 0.30)]
    public void DrawMargin_Difficulty_FillsItsRangeAndNoMore(Difficulty difficulty, double min, double max)
    {
        var random = new RandomStream(7);
        double[] drawn = [.. Enumerable.Range(0, 3000).Select(_ => Towers.DrawMargin(difficulty, ref random))];

        Assert.All(drawn, margin => Assert.InRange(margin, min, max));
        Assert.InRange(drawn.Min(), min, min + (0.02 * (max - min)));
        Assert.InRange(drawn.Max(), max - (0.02 * (max - min)), max);
    }

    [Fact]
    public void DrawMargin_AnyDifficulty_TakesEachAsOften()
    {
        var random = new RandomStream(8);
        var counts = new int[3];
        for (var i = 0; i < 3000; i++)
        {
            var margin = Towers.DrawMargin(Difficulty.Any, ref random);
            counts[margin < 0.08 ? 0 : margin < 0.16 ? 1 : 2]++;
        }

        // Four standard deviations of 3,000 draws with a chance of a third are 103.
        Assert.All(counts, count => Assert.InRange(count, 1000 - 103, 1000 + 103));
    }

    [Fact]
    public void Add_Column_StandsBlockOnBlockAndComesBack()
    {
        var column = Towers.Rent(3);
        new[] { 0.0, 0.1, -0.2 }.CopyTo(column.X);
        new[] { 0.5, 0.4, 0.3 }.CopyTo(column.Widths);
        new[] { 0.2, 0.3, 0.1 }.CopyTo(column.Heights);
        var episode = new Episode();
        Towers.Add(column, episode, density: 500);

        var bodies = episode.World.Bodies;
        Assert.Equal(3, bodies.Count);
        AssertNear(new Vector3(0, 0.1f, 0), bodies[0].Position);
        AssertNear(new Vector3(0.1f, 0.35f, 0), bodies[1].Position);
        AssertNear(new Vector3(-0.2f, 0.55f, 0), bodies[2].Position);
        AssertNear(new Vector3(0.2f, 0.15f, 0.2f), bodies[1].HalfExtents);   // as deep as wide
        Assert.Equal(500 * 0.4 * 0.4 * 0.3, bodies[1].Mass, 1e-3);
        Assert.Equal(0.1f, Towers.LowestHeight(episode.World), 1e-6f);

        var read = Towers.Of(episode.World, 3);
        Assert.Equal([0.0, 0.1, -0.2], read.X.ToArray().Select(x => Math.Round(x, 6)));
        Assert.Equal([0.2, 0.3, 0.1], read.Heights.ToArray().Select(height => Math.Round(height, 6)));
    }

    [Fact]
    public void Shift_AboveAContact_MovesTheUpperBlocksOfTheTowerAlone()
    {
        var world = new World();
        for (var k = 0; k < 4; k++)
        {
            world.Bodies.Add(Scenery.Cuboid(world, new Vector3(0, k, 0), new Vector3(0.5f), 1));
        }

        Towers.Shift(world, above: 0, count: 3, distance: 0.25f);

        Assert.Equal([0, 0.25f, 0.25f, 0], world.Bodies.Select(body => body.Position.X));   // the fourth is no block
        Assert.Equal([0f, 1, 2, 3], world.Bodies.Select(body => body.Position.Y));
    }

    [Theory]
    [InlineData(2, 1f)]      // to the right: from the right side
    [InlineData(-2, -1f)]
    [InlineData(0, 1f)]
    public void Of_Velocity_IsAnArrowFromTheSideItGoesTo(float speed, float side)
    {
        var body = Scenery.Cuboid(new World(), new Vector3(3, 1, 0), new Vector3(0.5f, 0.25f, 0.5f), 1);
        var arrow = Arrows.Of(body, new Vector3(speed, 0, 0));

        Assert.Equal(OverlayKind.Arrow, arrow.Kind);
        AssertNear(new Vector3(3 + (0.5f * side), 1, 0), arrow.From);
        AssertNear(arrow.From + new Vector3(speed * Arrows.WidthsPerSpeed, 0, 0), arrow.To);   // a block is 1 m wide

        var above = Arrows.Above(body, new Vector3(speed, 0, 0), lengthPerSpeed: 0.1f);
        AssertNear(new Vector3(3, 1.25f + 0.12f, 0), above.From);
        AssertNear(new Vector3(3 + (speed * 0.1f), 1.37f, 0), above.To);
    }

    [Theory]
    [InlineData("Count-v1")]
    [InlineData("Locate-v1")]
    [InlineData("Order-v1")]
    public void Reset_Heap_HasNoBlockWiderThanTheOneBelowAndNoneHigherThanFour(string id)
    {
        var batch = Given.Batch(id, slots: 64);
        batch.Reset(0UL);

        for (var slot = 0; slot < batch.Slots; slot++)
        {
            var bodies = batch.EpisodeFor(slot).World.Bodies;
            var high = 1;
            for (var i = 0; i < bodies.Count; i++)
            {
                var bottom = bodies[i].Position.Y - bodies[i].HalfExtents.Y;
                if (bottom < 1e-3f)
                {
                    high = 1;   // the ground: a stack begins
                    continue;
                }

                var below = bodies[i - 1];
                Assert.Equal(below.Position.Y + below.HalfExtents.Y, bottom, 2e-3f);
                Assert.True(bodies[i].HalfExtents.X <= below.HalfExtents.X);
                Assert.InRange(
                    Math.Abs(bodies[i].Position.X - below.Position.X), 0, (0.1f * below.HalfExtents.X) + 1e-3f);
                Assert.InRange(++high, 2, 4);
            }
        }
    }

    [Fact]
    public void Reset_HeapsOfOneOption_AreSeenFromTheSamePlacesHoweverManyBlocksThereAre()
    {
        var batch = Given.Batch("Count-v1", slots: 64);
        batch.Reset(0UL);
        var groups = Enumerable.Range(0, batch.Slots).Select(batch.EpisodeFor)
            .GroupBy(episode => episode.World.Bodies.Count)
            .Select(group => group.Average(episode => Vector3.Distance(episode.Camera.Eye, episode.Camera.Target)))
            .ToArray();

        // A camera that came nearer to fewer blocks would tell their number by their size.
        Assert.True(groups.Length >= 3);
        Assert.InRange(groups.Max() / groups.Min(), 1, 1.15);
    }

    private static void AssertNear(Vector3 expected, Vector3 actual) =>
        Assert.True(Vector3.Distance(expected, actual) < 1e-5f, $"{expected} is not {actual}");
}
