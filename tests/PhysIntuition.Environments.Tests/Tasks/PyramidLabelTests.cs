using PhysIntuition.Environments.Episodes;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;
using Verdict = PhysIntuition.SecondOpinions.Verdict;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Pyramids' labels against forces at all contacts, found by a linear programme, and against MuJoCo.</summary>
public sealed class PyramidLabelTests
{
    private const int Scenes = 120;
    private const float Clear = 0.05f;   // of a width: nearer ones may stand by arching, or fall by a hair

    [Theory]
    [InlineData("PyramidStability-v1", "{}")]
    [InlineData("PyramidStability-v1", """{"rows":{"min":4,"max":4}}""")]
    [InlineData("PyramidStability-v1", """{"blockHeight":{"min":0.5,"max":0.5},"gap":{"min":0.1,"max":0.2}}""")]
    [InlineData("RedRemove-v1", "{}")]
    [InlineData("RedRemove-v1", """{"rows":{"min":4,"max":4}}""")]
    public void Reset_ClearPyramids_FallWhereNoForcesHoldThem(string task, string options)
    {
        var (held, heldFallen, loose, looseFallen) = (0, 0, 0, 0);
        foreach (var episode in Episodes(task, options))
        {
            var (margin, fallen) = (StaticMargin.Of(Asked(task, episode)).Value, episode.State.IsYes ? 1 : 0);
            (held, heldFallen) = margin > Clear ? (held + 1, heldFallen + fallen) : (held, heldFallen);
            (loose, looseFallen) = margin < -Clear ? (loose + 1, looseFallen + fallen) : (loose, looseFallen);
        }

        Assert.True(held > Scenes / 8 && loose > Scenes / 8, $"{held} and {loose} of {Scenes} are clear.");
        Assert.True(heldFallen <= 1, $"{heldFallen} of {held} fall though forces hold them.");
        // A block that turns over an edge may be caught by its neighbour before it has fallen; MuJoCo agrees on these.
        Assert.True(looseFallen >= 0.7 * loose, $"{looseFallen} of {loose} fall.");
    }

    [Fact]
    public void Reset_RedRemoveScenes_StandWhileTheRedBlockIsThere()
    {
        foreach (var episode in Episodes("RedRemove-v1", "{}"))
        {
            var outcomes = new Outcome[1];
            var world = new World();
            world.CopyFrom(episode.World);
            Given.Simulator.Settle([world], Settling.ToFirstFall(world, 2 * world.Bodies[0].HalfExtents.Y), outcomes);

            Assert.Equal((Ending.Settled, 0UL), (outcomes[0].Ending, outcomes[0].FallenBodies));
        }
    }

    [Fact]
    public void Reset_RedRemoveScenes_HaveOneRedBlockBelowTheTopRow()
    {
        foreach (var episode in Episodes("RedRemove-v1", "{}"))
        {
            var red = episode.World.Bodies[episode.State.Subject];
            var color = episode.Appearances[episode.State.Subject].Color;

            Assert.Single(episode.Appearances, look => look.Color == color);
            Assert.True(red.Position.Y < episode.World.Bodies.Max(body => body.Position.Y));
        }
    }

    [Theory]
    [InlineData("PyramidStability-v1")]
    [InlineData("RedRemove-v1")]
    public void Reset_ClearPyramids_MeetTheSameFateInMujoco(string task)
    {
        Assert.SkipWhen(MujocoSimulator.WhyMissing is not null, MujocoSimulator.WhyMissing ?? "");
        Episode[] clear = [.. Episodes(task, "{}")
            .Where(episode => Math.Abs(StaticMargin.Of(Asked(task, episode)).Value) > Clear).Take(24)];
        World[] worlds = [.. clear.Select(episode => Asked(task, episode))];
        World[] starts = [.. clear.Select(episode => Asked(task, episode))];

        new MujocoSimulator(MujocoSettings.Round).Settle(worlds, new SettleOptions { MaxTime = 3f },
            new Outcome[worlds.Length]);

        var agreeing = Enumerable.Range(0, clear.Length).Count(i =>
            Verdict.Of(starts[i], worlds[i]).HasFallen == clear[i].State.IsYes);
        Assert.InRange(agreeing, clear.Length - 1, clear.Length);
    }

    [Theory]
    [InlineData("PyramidStability-v1")]
    [InlineData("RedRemove-v1")]
    public void Reset_Pyramid_HasRowsThatShrinkByOne(string task)
    {
        foreach (var episode in Episodes(task, """{"rows":{"min":2,"max":4}}"""))
        {
            int[] rows = [.. episode.World.Bodies.GroupBy(body => Math.Round(body.Position.Y / episode.World.Bodies[0]
                .Position.Y)).OrderBy(row => row.Key).Select(row => row.Count())];

            Assert.InRange(rows.Length, 2, 4);
            Assert.InRange(rows[0] - rows.Length, 0, 1);
            Assert.Equal(Enumerable.Range(0, rows.Length).Select(row => rows[0] - row), rows);
        }
    }

    private static IEnumerable<Episode> Episodes(string task, string options)
    {
        var batch = Given.Batch(task, Scenes, options: options);
        batch.Reset(70);

        return Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot));
    }

    // The world that the question is about: as it stands, or without its red block.
    private static World Asked(string task, Episode episode)
    {
        var world = new World();
        world.CopyFrom(episode.World);
        if (task == "RedRemove-v1")
        {
            world.Bodies.RemoveAt(episode.State.Subject);
        }

        return world;
    }
}
