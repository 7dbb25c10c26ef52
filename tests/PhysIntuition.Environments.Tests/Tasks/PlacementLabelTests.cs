using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Where the red block belongs, by distances between bodies, and that no other answer pays more.</summary>
public sealed class PlacementLabelTests
{
    private const int Scenes = 48;

    public static TheoryData<string> Towers =>
    [
        "{}",
        """{"blocks":{"min":10,"max":10}}""",
        """{"blockWidth":{"min":0.2,"max":1.5},"blockHeight":{"min":0.3,"max":1.2}}""",
        """{"difficulty":"hard","blocks":{"min":2,"max":2}}""",
    ];

    [Theory]
    [MemberData(nameof(Towers))]
    public void Reset_Offset_ExpertPutsTheRedBlockOnTheMiddleOfTheTopOne(string options)
    {
        foreach (var (episode, _) in Episodes("Offset-v1", options))
        {
            var (bodies, red) = (episode.World.Bodies, episode.World.Bodies[episode.State.Subject]);
            var top = bodies.Where((_, k) => k != episode.State.Subject).MaxBy(body => body.Position.Y);
            double x = red.Position.X + (episode.State.Expert[0] / 100), y = red.Position.Y
                + (episode.State.Expert[1] / 100);

            Assert.Equal(top.Position.X, x, 1e-4);
            Assert.InRange(y - red.HalfExtents.Y - top.Position.Y - top.HalfExtents.Y, 1e-4, 0.01);
        }
    }

    [Theory]
    [MemberData(nameof(Towers))]
    public void Reset_OffsetX_ExpertGoesSidewaysAtTheHeightOfTheTop(string options)
    {
        foreach (var (episode, _) in Episodes("OffsetX-v1", options))
        {
            var red = episode.World.Bodies[episode.State.Subject];
            var top = episode.World.Bodies.Where((_, k) => k != episode.State.Subject).MaxBy(body => body.Position.Y);

            Assert.Equal(top.Position.X, red.Position.X + (episode.State.Expert[0] / 100), 1e-4);
            Assert.Equal(top.Position.Y + top.HalfExtents.Y, red.Position.Y - red.HalfExtents.Y, 1e-3f);
        }
    }

    [Fact]
    public void Reset_RedBlockBesideTheTower_TouchesNothingAndStandsOnTheGround()
    {
        foreach (var (episode, _) in Episodes("Offset-v1", """{"blocks":{"min":2,"max":10}}"""))
        {
            var red = episode.World.Bodies[episode.State.Subject];
            Assert.Equal(0f, red.Position.Y - red.HalfExtents.Y, 1e-5f);
            foreach (var other in episode.World.Bodies.Where((_, k) => k != episode.State.Subject))
            {
                var gap = Math.Abs(other.Position.X - red.Position.X) - other.HalfExtents.X - red.HalfExtents.X;
                Assert.True(gap > 0.1f * red.HalfExtents.X, $"{gap} m");
            }
        }
    }

    [Fact]
    public void Reset_TowerWithoutAndWithTheRedBlock_StandsByTorques()
    {
        foreach (var (episode, _) in Episodes("Offset-v1", "{}"))
        {
            List<Simulation.Bodies.Body> bodies = [.. episode.World.Bodies];
            bodies[episode.State.Subject] = bodies[episode.State.Subject] with { Position = episode.State.Target };

            Assert.InRange(Statics.Room(bodies), 0.02 - 1e-5, 0.5);
            Assert.True(episode.World.Bodies.Count == 3 || !Statics.Tips([.. bodies.SkipLast(1)]));
        }
    }

    [Theory]
    [InlineData("Offset-v1", -1, 0)]
    [InlineData("Offset-v1", 1, 0)]
    [InlineData("Offset-v1", 0, 1)]
    [InlineData("Offset-v1", 0, -1)]
    [InlineData("OffsetX-v1", -1, 0)]
    [InlineData("OffsetX-v1", 1, 0)]
    public void Step_OneHundredthBesideTheExpert_PaysLess(string task, int x, int y)
    {
        var (best, beside) = (Batch(task, "{}"), Batch(task, "{}"));
        best.Step([.. Answers(best, 0, 0)]);
        beside.Step([.. Answers(beside, x, y)]);

        Assert.All(Enumerable.Range(0, Scenes), slot =>
            Assert.True(beside.Results.Rewards[slot] < best.Results.Rewards[slot]));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(37, 15)]
    [InlineData(-49, 1)]
    [InlineData(60, 1)]
    [InlineData(-300, 40)]
    [InlineData(0, -10)]
    public void Step_AnyMove_PaysAsThePublishedRuleSays(int right, int up)
    {
        var batch = Batch("Offset-v1", "{}");
        Episode[] episodes = [.. Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot))];
        double[] wanted = [.. episodes.Select((episode, slot) =>
        {
            var expert = batch.View.ExpertNumbers(slot);
            return Published(episode, expert[0] + right, expert[1] + up);
        })];

        batch.Step([.. Answers(batch, right, up)]);

        Assert.All(Enumerable.Range(0, Scenes), slot =>
            Assert.Equal(wanted[slot], batch.Results.Rewards[slot], 1e-5));
    }

    // The authors' script: s the block's width, (x0, y0) from the target place to the red block, y0 to climb.
    private static double Published(Episode episode, double moveX, double moveY)
    {
        var red = episode.World.Bodies[episode.State.Subject];
        var top = episode.World.Bodies.Where((_, k) => k != episode.State.Subject).MaxBy(body => body.Position.Y);
        double s = 2.0 * red.HalfExtents.X, x0 = (double)red.Position.X - top.Position.X;
        double y0 = (double)top.Position.Y + top.HalfExtents.Y + red.HalfExtents.Y - red.Position.Y;
        double x = x0 + (moveX / 100), y = moveY / 100, d = Math.Sqrt((x * x) + ((y - y0) * (y - y0)));

        return y < 0 ? -5 : -s / 2 < x && x < s / 2 ? (y > y0 ? 10 - d : -5) : 5 - d;
    }

    private static IEnumerable<(Episode Episode, int Slot)> Episodes(string task, string options)
    {
        var batch = Batch(task, options);

        return Enumerable.Range(0, Scenes).Select(slot => (batch.View.Episode(slot), slot));
    }

    private static EnvironmentBatch Batch(string task, string options)
    {
        var batch = Given.Batch(task, Scenes, options: options);
        batch.Reset(500);

        return batch;
    }

    private static IEnumerable<SlotAction> Answers(EnvironmentBatch batch, int right, int up) =>
        Enumerable.Range(0, Scenes).Select(slot =>
        {
            var expert = batch.View.ExpertNumbers(slot);
            return expert.Count == 1
                ? SlotAction.OfNumbers(expert[0] + right)
                : SlotAction.OfNumbers(expert[0] + right, expert[1] + up);
        });
}
