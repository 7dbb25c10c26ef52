using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What can be built stands in simulation, and counterweights are needed where torques say so.</summary>
public sealed class BuildLabelTests
{
    private const int Scenes = 16;

    [Theory]
    [InlineData("tower", 2)]
    [InlineData("tower", 8)]
    [InlineData("pyramid", 3)]
    [InlineData("pyramid", 8)]
    [InlineData("arch", 3)]
    [InlineData("arch", 8)]
    [InlineData("overhang", 4)]
    [InlineData("overhang", 8)]
    public void Play_Expert_BuildsEveryStructureBlockByBlock(string kind, int blocks)
    {
        var batch = Given.Batch("Build-v1", Scenes, options: Options(kind, blocks));
        batch.Reset(0UL);

        Assert.All(Given.PlayExpert(batch), earned => Assert.Equal(1, earned, 1e-9));
        Assert.All(Enumerable.Range(0, Scenes), slot => Assert.Equal(blocks, batch.EpisodeFor(slot).Steps));
    }

    [Fact]
    public void Reset_FixedSuite_HasFortyStructuresThatGrowAndCanBeBuilt()
    {
        const int structures = Structures.Fixed;
        var batch = Given.Batch("Build-v1", structures + 1, options: """{"fixed":true}""");
        batch.Reset(0UL);
        int[] blocks = [.. Enumerable.Range(0, structures).Select(slot => batch.EpisodeFor(slot).World.Bodies.Count)];
        var sizes = Enumerable.Range(0, structures).Select(slot => string.Join(' ', Sizes(batch, slot))).Distinct();

        Assert.Equal(40, structures);
        Assert.Equal(blocks.Order(), blocks);
        Assert.Equal((2, 8), (blocks[0], blocks[^1]));
        Assert.Equal(structures, sizes.Count());
        Assert.Equal(Sizes(batch, 0), Sizes(batch, structures));   // seed 40 is structure 0 again
        Assert.All(Given.PlayExpert(batch), earned => Assert.Equal(1, earned, 1e-9));
    }

    [Fact]
    public void Step_LoadWithoutItsCounterweight_TipsTheBeam()
    {
        var batch = Given.Batch("Build-v1", Scenes, options: Options("overhang", 4));
        batch.Reset(0UL);
        for (var slot = 0; slot < Scenes; slot++)
        {
            // Foot, beam, counterweight, load: from below, the lighter weight first.
            var target = batch.EpisodeFor(slot).Panels[0].Bodies;
            int[] order = [.. Enumerable.Range(0, 4)
                .OrderBy(i => Math.Round(100 * (target[i].Position.Y - target[i].HalfExtents.Y)))
                .ThenBy(i => target[i].Mass)];
            var (foot, beam, counter, load) = (target[order[0]], target[order[1]], target[order[2]], target[order[3]]);

            Assert.True(Torque(foot, beam) > 0 && Torque(foot, beam, counter) > 0, "the beginnings stand");
            Assert.True(Torque(foot, beam, counter, load) > 0, "the whole stands");
            Assert.True(Torque(foot, beam, load) < 0, "the load alone tips the beam");
        }

        batch.Step(Given.ExpertActions(batch));
        batch.Step(Given.ExpertActions(batch));
        batch.Step([.. Enumerable.Range(0, Scenes).Select(slot => LastOf(batch, slot))]);

        Assert.All(batch.Results.Rewards, reward => Assert.True(reward < 0, $"{reward}"));
        for (var slot = 0; slot < Scenes; slot++)
        {
            // Before it moves, the load is where it was put: people see it tip.
            var (moving, episode) = (batch.View.InMotion(slot).Bodies, batch.EpisodeFor(slot));
            var load = Enumerable.Range(0, 4).MaxBy(i => Math.Abs(moving[i].Position.Z) < 1 ? moving[i].Position.Y : 0);
            Assert.Equal(episode.Panels[0].Bodies[load].Position.Y, moving[load].Position.Y, 0.01f);
            Assert.True(episode.World.Bodies[load].Position.Y < moving[load].Position.Y - 0.1f);
        }
    }

    [Fact]
    public void Step_RulesOfPlacing_AreWhatThePageSays()
    {
        var batch = Given.Batch("Build-v1", 6, options: """{"fixed":true}""");
        batch.Reset(default, [1, 1, 1, 1, 1, 1]);
        var (first, half) = (batch.View.ExpertNumbers(0), batch.EpisodeFor(0).Panels[1].Bodies);
        var (block, other) = (first[0], 3 - first[0]);
        var top = 200 * half[(int)block - 1].HalfExtents.Y;
        var flat = SlotAction.OfNumbers(block, 0, 0, 0);
        batch.Step([flat, flat, flat, flat, SlotAction.OfNumbers(0, 0, 0, 0), SlotAction.OfNumbers(3, 0, 0, 0)]);
        Assert.Equal([false, false, false, false, true, true], batch.Results.Terminated);
        Assert.Equal((0.0, -1.0), (batch.Results.Rewards[4], batch.Results.Rewards[5]));

        batch.Step([SlotAction.OfNumbers(other, 0, Math.Round(top) - 3, 0), SlotAction.OfNumbers(other, 0, 0, 0),
            SlotAction.OfNumbers(other, 0, Math.Round(top), 1), flat, default, default],
            [true, true, true, true, false, false]);

        Assert.Equal("The block has no room there.", batch.Results.Verdicts[1]);
        Assert.Equal([true, false, true, true, false, false], batch.Results.Terminated);
        Assert.Equal((0.0, -1.0), (batch.Results.Rewards[1], batch.Results.Rewards[3]));
        var (lifted, turned) = (batch.EpisodeFor(0).World.Bodies[(int)other - 1],
            batch.EpisodeFor(2).World.Bodies[(int)other - 1]);
        Assert.Equal((top / 100) + lifted.HalfExtents.Y, lifted.Position.Y, 0.01);
        Assert.Equal((top / 100) + turned.HalfExtents.X, turned.Position.Y, 0.01);
    }

    [Fact]
    public void Step_BlockBesideTheTarget_CostsItsOwnArea()
    {
        var batch = Given.Batch("Build-v1", 1, options: Options("tower", 2));
        batch.Reset(3UL);
        var expert = batch.View.ExpertNumbers(0);
        var bodies = batch.EpisodeFor(0).Panels[1].Bodies;
        double[] areas = [.. bodies.Select(body => 4.0 * body.HalfExtents.X * body.HalfExtents.Y)];
        batch.Step([SlotAction.OfText(batch.View.Expert(0))]);
        var covered = areas[(int)expert[0] - 1] / areas.Sum();
        Assert.Equal(covered, batch.Results.Rewards[0], 0.03);   // 1 cm of what stands above is forgiven

        batch.Step([SlotAction.OfNumbers(3 - expert[0], 120, 0, 0)]);

        Assert.Equal(Math.Max(-batch.Results.Rewards[0], 0), Math.Min(covered, areas[2 - (int)expert[0]] / areas.Sum()),
            0.03);
    }

    // The least torque that holds a beam down on its foot's edges; below 0 it tips.
    private static double Torque(Body foot, params Body[] above)
    {
        var (left, right) = (foot.Position.X - foot.HalfExtents.X, foot.Position.X + foot.HalfExtents.X);

        return Math.Min(above.Sum(body => body.Mass * ((double)body.Position.X - left)),
            above.Sum(body => body.Mass * ((double)right - body.Position.X)));
    }

    // The loose block that the expert would place last, placed now.
    private static SlotAction LastOf(EnvironmentBatch batch, int slot)
    {
        var (episode, next) = (batch.EpisodeFor(slot), (int)batch.View.ExpertNumbers(slot)[0] - 1);
        var last = Enumerable.Range(0, 4).Single(
            i => episode.World.Bodies[i].Motion == Motion.Fixed && i != next);
        var (wanted, half) = (episode.Panels[0].Bodies[last], episode.Panels[1].Bodies[last].HalfExtents);

        return SlotAction.OfNumbers(last + 1, Math.Round(100 * wanted.Position.X),
            Math.Round(100 * (wanted.Position.Y - wanted.HalfExtents.Y)), wanted.HalfExtents.X == half.X ? 0 : 1);
    }

    private static IEnumerable<int> Sizes(EnvironmentBatch batch, int slot) => batch.EpisodeFor(slot).Panels[0].Bodies
        .SelectMany(body => (float[])[body.HalfExtents.X, body.HalfExtents.Y])
        .Select(half => (int)MathF.Round(200 * half)).Order();

    private static string Options(string kind, int blocks) =>
        $$$"""{"structure":"{{{kind}}}","blocks":{"min":{{{blocks}}},"max":{{{blocks}}}}}""";
}
