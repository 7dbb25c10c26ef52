using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Which push it was: by friction's work and momentum from the end back, and by another engine.</summary>
public sealed class CauseLabelTests
{
    private const int Scenes = 200;

    [Fact]
    public void Reset_EndTracedBack_GivesTheSpeedOfTheRightArrow()
    {
        var (isHit, counts) = (false, new int[2]);
        foreach (var episode in Episodes("Cause-v1", """{"blocks":{"min":1,"max":1}}"""))
        {
            var speed = TracedBack(episode, ref isHit);

            var (speeds, right) = (Enumerable.Range(0, 4).Select(i => Speed(episode, i)).ToArray(),
                (int)episode.State.Expert[0]);
            Assert.Equal(right, Enumerable.Range(0, 4).MinBy(i => Math.Abs(speeds[i] - speed)));
            Assert.Equal(speeds[right], speed, 0.1 * speeds[right]);
            counts[isHit ? 1 : 0]++;
        }

        Assert.All(counts, count => Assert.True(count >= 20));
    }

    [Fact]
    public void Reset_EndTracedBack_GivesTheImpulse()
    {
        var isHit = false;
        foreach (var episode in Episodes("Impulse-v1", """{"blocks":{"min":1,"max":1}}"""))
        {
            var impulse = episode.State.Expert[0];
            var side = Math.Sign(episode.Panels[0].Bodies[0].Position.X - episode.World.Bodies[0].Position.X);

            Assert.Equal(impulse, side * episode.World.Bodies[0].Mass * TracedBack(episode, ref isHit),
                0.1 * Math.Abs(impulse));
        }
    }

    [Fact]
    public void Reset_AnotherEngine_LeadsTheRightPushNearestToTheEnd()
    {
        Assert.SkipWhen(MujocoSimulator.WhyMissing is not null, MujocoSimulator.WhyMissing ?? "");
        Episode[] episodes = [.. Episodes("Cause-v1", """{"blocks":{"min":1,"max":1}}""").Take(30)];
        World[] worlds = [.. episodes.SelectMany(episode =>
            Enumerable.Range(0, 4).Select(arrow => Cause.Pushed(episode, arrow)))];

        // Dampers that give back little: our blocks do not rebound.
        new MujocoSimulator(MujocoSettings.Round with { Step = 0.001, Damping = 2 }).Settle(
            worlds, new SettleOptions { MaxTime = 4f }, new Simulation.Outcome[worlds.Length]);

        var same = Enumerable.Range(0, episodes.Length).Count(i => episodes[i].State.Choice
            == Enumerable.Range(0, 4).MinBy(arrow =>
                FourEnds.Distance(worlds[(4 * i) + arrow], episodes[i].Panels[0])));
        Assert.True(same >= 0.9 * episodes.Length, $"{same} of {episodes.Length}");
    }

    [Fact]
    public void Reset_ManyScenes_EveryLetterAndEveryLengthIsRightAlikeOften()
    {
        // Four standard deviations of a share of a quarter: 4 sqrt(n 3 / 16).
        var slack = 4 * Math.Sqrt(2 * Scenes * 3 / 16.0);
        Episode[] episodes = [.. Episodes("Cause-v1", "{}", 2 * Scenes)];

        foreach (var rank in (Func<Episode, int>[])[
            static episode => episode.State.Choice,
            static episode => Enumerable.Range(0, 4).Count(i =>
                Speed(episode, i) < Speed(episode, episode.State.Choice))])
        {
            var counts = episodes.GroupBy(rank).Select(group => group.Count()).ToArray();
            Assert.Equal(4, counts.Length);
            Assert.All(counts, count => Assert.InRange(count, (Scenes / 2.0) - slack, (Scenes / 2.0) + slack));
        }
    }

    // m/s; friction: v^2 = 2 mu g d; where they met, both went on with V, and m v = (m + M) V.
    private static double TracedBack(Episode episode, ref bool isHit)
    {
        var (before, end) = (episode.World.Bodies, episode.Panels[0].Bodies);
        double own = before[0].Mass, other = before[1].Mass;
        var slowing = 2.0 * episode.World.GroundFriction * episode.World.Gravity;
        var gap = Math.Abs(before[1].Position.X - before[0].Position.X) - (2 * before[0].HalfExtents.X);
        double moved = Math.Abs(end[0].Position.X - before[0].Position.X),
            given = Math.Abs(end[1].Position.X - before[1].Position.X);
        isHit = given > 0.01;
        var impact = isHit ? Math.Sqrt(slowing * given) * (own + other) / own : 0;

        return Math.Sqrt((impact * impact) + (slowing * (isHit ? gap : moved)));
    }

    private static double Speed(Episode episode, int arrow) =>
        Math.Abs(Cause.Pushed(episode, arrow).Bodies[0].LinearVelocity.X);

    private static IEnumerable<Episode> Episodes(string task, string options, int count = Scenes)
    {
        var batch = Given.Batch(task, count, options: options);
        batch.Reset(900);

        return Enumerable.Range(0, count).Select(batch.EpisodeFor);
    }
}
