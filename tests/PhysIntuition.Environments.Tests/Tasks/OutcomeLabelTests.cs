using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Which end belongs to a scene: by friction's work, by another engine, and never by the ends alone.</summary>
public sealed class OutcomeLabelTests
{
    private const int Scenes = 200;

    public static TheoryData<string> Kinds => ["push", "friction", "mass", "place"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Reset_RedThatReachesNothing_StopsInItsPictureWhereFrictionHasUsedUpItsSpeed(string kind)
    {
        var seen = 0;
        foreach (var episode in Episodes($$"""{"differs":"{{kind}}"}"""))
        {
            var (red, tower) = (episode.World.Bodies[0], episode.World.Bodies[1]);
            double v = red.LinearVelocity.X;
            var gap = Math.Abs(tower.Position.X - red.Position.X) - (2 * red.HalfExtents.X);
            // m v^2 / 2 = mu m g d
            var way = v * v / (2.0 * episode.World.GroundFriction * episode.World.Gravity);
            if (way > gap - 0.03)
            {
                continue;
            }

            var end = episode.Panels[(int)episode.State.Expert[0]].Bodies;
            Assert.Equal(red.Position.X + (Math.Sign(v) * way), end[0].Position.X, 0.02 + (0.03 * way));
            Assert.Equal(tower.Position.X, end[1].Position.X, 0.005);
            seen++;
        }

        Assert.True(seen >= 10 || kind == "mass", $"{seen} of {Scenes}");   // different masses are seen by impact alone
    }

    [Fact]
    public void Reset_AnotherEngine_EndsNearestToTheSamePicture()
    {
        Assert.SkipWhen(MujocoSimulator.WhyMissing is not null, MujocoSimulator.WhyMissing ?? "");
        Episode[] episodes = [.. Episodes("""{"blocks":{"min":1,"max":1}}""").Take(80)];
        var worlds = Array.ConvertAll(episodes, static episode => Panels.Still(episode.World));

        new MujocoSimulator(MujocoSettings.Round).Settle(
            worlds, new SettleOptions { MaxTime = 4f }, new Simulation.Outcome[worlds.Length]);

        var same = episodes.Zip(worlds).Count(pair => Nearest(pair.Second, pair.First) == pair.First.State.Choice);
        Assert.True(same >= 0.9 * episodes.Length, $"{same} of {episodes.Length}");
    }

    [Fact]
    public void Reset_ManyScenes_EveryPlaceAndEveryRankIsRightAlikeOften()
    {
        // Four standard deviations of a share of a quarter: 4 sqrt(n 3 / 16).
        var slack = 4 * Math.Sqrt(2 * Scenes * 3 / 16.0);
        Episode[] episodes = [.. Episodes("{}", 2 * Scenes)];

        foreach (var rank in (Func<Episode, int>[])[
            episode => episode.State.Choice,
            episode => RankOf(episode, panel => Math.Abs(panel.Bodies[0].Position.X)),
            episode => RankOf(episode, panel => FourEnds.Distance(panel, episode.Panels[0])),
            episode => RankOf(episode, panel => episode.Panels.Sum(other => FourEnds.Distance(panel, other)))])
        {
            var counts = new int[4];
            foreach (var episode in episodes)
            {
                counts[rank(episode)]++;
            }

            Assert.All(counts, count => Assert.InRange(count, (Scenes / 2.0) - slack, (Scenes / 2.0) + slack));
        }
    }

    // How many panels have less of something than the right one.
    private static int RankOf(Episode episode, Func<World, double> measure)
    {
        var own = measure(episode.Panels[episode.State.Choice]);

        return episode.Panels.Count(panel => measure(panel) < own);
    }

    private static int Nearest(World end, Episode episode) =>
        Enumerable.Range(0, 4).MinBy(i => FourEnds.Distance(end, episode.Panels[i]));

    private static IEnumerable<Episode> Episodes(string options, int count = Scenes)
    {
        var batch = Given.Batch("Outcome-v1", count, options: options);
        batch.Reset(900);

        return Enumerable.Range(0, count).Select(batch.EpisodeFor);
    }
}
