using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Towers' labels and margins against torques about the edges of every contact.</summary>
public sealed class StabilityLabelTests
{
    private const int Scenes = 48;

    public static TheoryData<string> Options =>
    [
        "{}",
        """{"blocks":{"min":9,"max":10}}""",
        """{"blocks":{"min":2,"max":2},"difficulty":"hard"}""",
        """{"difficulty":"easy"}""",
        """{"blockWidth":{"min":0.4,"max":1.2}}""",
        """{"blockHeight":{"min":0.4,"max":1.4}}""",
        """{"physics":{"gravity":{"min":1.62,"max":1.62},"density":{"min":4000,"max":4000}}}""",
        """{"pairs":true}""",
    ];

    [Theory]
    [MemberData(nameof(Options))]
    public void Reset_Towers_FallWhereTheWeightsAboveAnEdgeTurnThemOver(string options)
    {
        foreach (var episode in Towers(options))
        {
            Assert.Equal(Statics.Tips(episode.World.Bodies), episode.State.IsYes);
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void Reset_Margin_IsTheLeastTorqueOverWeightAndWidth(string options)
    {
        foreach (var episode in Towers(options))
        {
            Assert.Equal(Statics.Room(episode.World.Bodies), episode.State.Margin, 1e-4);
        }
    }

    [Theory]
    [InlineData("any", 0.02, 0.30)]
    [InlineData("easy", 0.16, 0.30)]
    [InlineData("medium", 0.08, 0.16)]
    [InlineData("hard", 0.02, 0.08)]
    public void Reset_Difficulty_BoundsTheMarginOnBothSides(string difficulty, double least, double most)
    {
        const double rounding = 1e-5;
        foreach (var widths in (string[])["""{"min":1,"max":1}""", """{"min":0.4,"max":1.5}"""])
        {
            foreach (var episode in Towers($$"""{"difficulty":"{{difficulty}}","blockWidth":{{widths}}}"""))
            {
                Assert.InRange(Math.Abs(Statics.Room(episode.World.Bodies)), least - rounding, most + rounding);
            }
        }
    }

    [Fact]
    public void Reset_AnyTower_StandsOnTheGroundBlockOnBlock()
    {
        foreach (var episode in Towers("""{"blocks":{"min":2,"max":10},"blockHeight":{"min":0.3,"max":1.5}}"""))
        {
            var top = 0.0;
            foreach (var body in episode.World.Bodies)
            {
                Assert.Equal(top, (double)body.Position.Y - body.HalfExtents.Y, 1e-5);
                Assert.Equal((0f, body.HalfExtents.X), (body.Position.Z, body.HalfExtents.Z));
                top = (double)body.Position.Y + body.HalfExtents.Y;
            }
        }
    }

    [Fact]
    public void Reset_AnyTower_HasNeighboursThatVisiblyOverlap()
    {
        foreach (var episode in Towers("""{"blocks":{"min":2,"max":10},"blockWidth":{"min":0.3,"max":1.5}}"""))
        {
            foreach (var (lower, upper) in episode.World.Bodies.Zip(episode.World.Bodies.Skip(1)))
            {
                var reach = lower.HalfExtents.X + upper.HalfExtents.X;
                Assert.InRange(Math.Abs(upper.Position.X - lower.Position.X), 0, (0.85 * reach) + 1e-5);
            }
        }
    }

    [Fact]
    public void Reset_FallingTowers_LeanToEitherSideAlikeOften()
    {
        var (left, right) = (0, 0);
        foreach (var episode in Towers("{}", 400).Where(episode => episode.State.IsYes))
        {
            var bodies = episode.World.Bodies;
            var lean = bodies.Skip(1).Sum(body => body.Mass * (body.Position.X - bodies[0].Position.X));
            (left, right) = lean < 0 ? (left + 1, right) : (left, right + 1);
        }

        // Four standard deviations of a fair coin.
        var slack = 2 * Math.Sqrt(left + right);
        Assert.InRange(left, ((left + right) / 2.0) - slack, ((left + right) / 2.0) + slack);
    }

    private static IEnumerable<Episode> Towers(string options, int scenes = Scenes)
    {
        var batch = Given.Batch("Stability-v1", scenes, options: options);
        batch.Reset(900);

        return Enumerable.Range(0, scenes).Select(slot => batch.View.Episode(slot));
    }
}
