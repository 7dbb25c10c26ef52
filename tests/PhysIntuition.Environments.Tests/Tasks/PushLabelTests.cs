using System.Numerics;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Pushes against the work of friction, and the toppling of pushed towers against torques.</summary>
public sealed class PushLabelTests
{
    private const int Scenes = 40;

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"physics":{"friction":{"min":0.2,"max":0.5}},"distance":{"min":0.5,"max":1}}""")]
    [InlineData("""{"blockWidth":{"min":0.2,"max":0.6},"physics":{"gravity":{"min":5,"max":12}}}""")]
    public void Reset_Expert_PushesTheRedBlockTowardsTheRingWithTheImpulseThatFrictionTakes(string options)
    {
        foreach (var episode in Episodes("Push-v1", options))
        {
            var (way, expert) = (episode.State.Target - episode.State.Start, episode.State.Expert);
            var angle = Math.Atan2(-way.Z, way.X) * 180 / Math.PI;
            var distance = Math.Sqrt((way.X * way.X) + (way.Z * way.Z));
            var work = episode.World.GroundFriction * (double)episode.World.Gravity * distance;
            var impulse = episode.World.Bodies[0].Mass * Math.Sqrt(2 * work);

            Assert.Equal(1, expert[0]);
            Assert.InRange(Math.Abs(Math.IEEERemainder(angle - expert[1], 360)), 0, 0.6);
            Assert.Equal(1, expert[2] / impulse, 0.25);
        }
    }

    [Fact]
    public void Reset_Ring_IsAsFarAsTheOptionSaysAndClearOfTheTower()
    {
        var options = new PushOptions { Distance = new(0.9f, 1.7f) };
        foreach (var episode in Episodes("Push-v1", OptionsReader.Write(options)))
        {
            var way = episode.State.Target - episode.State.Start;
            Assert.InRange(new Vector2(way.X, way.Z).Length(), 0.9f - 1e-4f, 1.7f + 1e-4f);
            var width = 2 * episode.World.Bodies[0].HalfExtents.X;
            foreach (var block in episode.World.Bodies.Skip(1))
            {
                var apart = block.Position - episode.State.Target;
                Assert.True(new Vector2(apart.X, apart.Z).Length() > width);
            }
        }
    }

    [Fact]
    public void Step_Expert_LeavesTheRedBlockInTheRingAndTheTowerAlone()
    {
        var batch = Given.Batch("Push-v1", Scenes);
        batch.Reset(60);
        World[] before = [.. Enumerable.Range(0, Scenes).Select(slot => Copy(batch.View.Episode(slot).World))];

        batch.BeginStep(Given.ExpertActions(batch), default, showsOutcomes: true);
        new WorldRunner(batch.Simulator).Run(batch);

        var state = new float[StateLayout.Length];
        for (var slot = 0; slot < Scenes; slot++)
        {
            batch.View.State([slot], state);
            var target = batch.View.Episode(slot).State.Target;
            Assert.InRange(Math.Sqrt(Math.Pow(state[1] - target.X, 2) + Math.Pow(state[3] - target.Z, 2)), 0, 0.15);
            for (var k = 1; k < before[slot].Bodies.Count; k++)
            {
                var row = state.AsSpan(k * StateLayout.Columns);
                Assert.Equal(before[slot].Bodies[k].Position.Y, row[2], 0.01f);
            }
        }
    }

    [Fact]
    public void Reset_PushedTower_FallsWhereTheSlideCarriesItsBlockOverAnEdge()
    {
        const int scenes = 200;
        var batch = Given.Batch("PushOutcome-v1", scenes);
        batch.Reset(0);
        var agreeing = 0;
        for (var slot = 0; slot < scenes; slot++)
        {
            var episode = batch.View.Episode(slot);
            List<Body> bodies = [.. episode.World.Bodies];
            var (pushed, arrow) = (episode.State.Subject, episode.Overlays[0]);
            var width = 2.0 * bodies[pushed].HalfExtents.X;
            var speed = (arrow.To.X - arrow.From.X) / (0.4 * width);   // as the prompt says
            var above = bodies.Skip(pushed + 1).Sum(body => (double)body.Mass);
            // Friction below carries the block and what stands on it, friction above what stands on it.
            double below = bodies[pushed].Mass + above, both = below + above;
            var slowing = episode.World.GroundFriction * episode.World.Gravity * both / bodies[pushed].Mass;
            var slide = Math.Sign(speed) * speed * speed / (2 * slowing);
            var rest = bodies[pushed].Position + new Vector3((float)slide, 0, 0);
            bodies[pushed] = bodies[pushed] with { Position = rest };
            agreeing += Statics.Tips(bodies) == episode.State.IsYes ? 1 : 0;
        }

        Assert.True(agreeing >= 0.9 * scenes, $"{agreeing} of {scenes} agree.");
    }

    [Fact]
    public void Reset_PushedTower_StandsBeforeThePush()
    {
        foreach (var episode in Episodes("PushOutcome-v1", """{"blocks":{"min":2,"max":6}}"""))
        {
            Assert.False(Statics.Tips(episode.World.Bodies));
            Assert.InRange(episode.State.Subject, Math.Max(1, episode.World.Bodies.Count - 2),
                episode.World.Bodies.Count - 1);
        }
    }

    private static World Copy(World world)
    {
        var copy = new World();
        copy.CopyFrom(world);
        return copy;
    }

    private static IEnumerable<Episode> Episodes(string task, string options)
    {
        var batch = Given.Batch(task, Scenes, options: options);
        batch.Reset(60);

        return Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot));
    }
}
