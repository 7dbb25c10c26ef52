using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What a push pays, for worlds that ended as the test says.</summary>
public sealed class PushScoreTests
{
    private const float Ring = 0.15f;

    // The ring 2 m to the right of the start, 1.85 m from its edge.
    private static readonly EpisodeState s_facts =
        new() { Start = new(0f, 0.2f, 0f), Target = new(2f, 0f, 0f), Scale = 0.4f };

    [Theory]
    [InlineData(2f, 0UL, 1.0)]                   // in the middle
    [InlineData(2.1f, 0UL, 1.0)]                 // in the ring
    [InlineData(0f, 0UL, 0.0)]                   // not moved
    [InlineData(1f, 0UL, 1 - (0.85 / 1.85))]     // half the way
    [InlineData(4f, 0UL, 0.0)]                   // as far beyond
    [InlineData(2f, 0b0010UL, 0.5)]              // another block fell
    [InlineData(2f, 0b0110UL, 0.0)]
    [InlineData(2f, 0b1110UL, -0.5)]
    [InlineData(2f, 0b0001UL, 1.0)]              // the red one itself costs nothing
    [InlineData(9f, 0UL, -1.0)]                  // never below -1
    [InlineData(0f, 0b1110UL, -1.0)]
    public void Judge_EndedWorld_PaysTheWayLessWhatFell(float x, ulong fallen, double reward) =>
        Assert.Equal(reward, Judge(x, fallen).Reward, 1e-6);

    [Fact]
    public void Judge_EdgeOfTheRing_IsInAndOneBitFurtherIsLess()
    {
        var edge = 2f - Ring;
        while (2.0 - edge > Ring)   // 0.15 has no exact float: the first place whose distance is inside
        {
            edge = MathF.BitIncrement(edge);
        }

        var (at, beyond) = (Judge(edge, 0), Judge(edge - 0.01f, 0));
        Assert.Equal((1.0, "The red block stopped in the ring."), (at.Reward, at.Reason));
        Assert.Equal("The red block stopped outside the ring.", beyond.Reason);
        Assert.InRange(beyond.Reward, 0.99, Math.BitDecrement(1.0));
    }

    [Fact]
    public void Judge_HeightOfTheBlock_DoesNotCount() =>
        Assert.Equal(Judge(1.2f, 0).Reward, Judge(1.2f, 0, y: 3f).Reward);

    [Theory]
    [InlineData(9, "There is no block of that number.")]
    [InlineData(3, "There is no block of that number.")]
    public void Judge_BlockThatIsNotThere_PaysTheLeast(int block, string reason)
    {
        var turn = new StepContext();
        turn.Begin(Episode(), Answer.OfTriple(block, 0, 10));
        new Push().Act(turn);

        Assert.Equal(0, turn.Counterfactuals.Count);
        Assert.Equal((-1.0, reason), (new Push().Judge(turn).Reward, new Push().Judge(turn).Reason));
    }

    [Fact]
    public void Judge_Unreadable_PaysTheLeast()
    {
        var verdict = Judged.By(new Push(), new PushOptions(), s_facts, Judged.Unreadable);

        Assert.Equal((-1.0, "Unreadable."), (verdict.Reward, verdict.Reason));
    }

    [Theory]
    [InlineData(0, 1f, 0f)]
    [InlineData(90, 0f, -1f)]     // away from the viewer
    [InlineData(180, -1f, 0f)]
    [InlineData(-90, 0f, 1f)]
    [InlineData(-180, -1f, 0f)]
    [InlineData(45, 0.70710677f, -0.70710677f)]
    public void Act_Angle_PushesThatWayWithThatImpulse(int angle, float x, float z)
    {
        var turn = new StepContext();
        turn.Begin(Episode(), Answer.OfTriple(2, angle, 12.5));

        new Push().Act(turn);

        var push = Assert.Single(turn.Counterfactuals[0].World.Pushes);
        Assert.Equal((1, 0f), (push.Body, push.Duration));
        Assert.Equal(12.5f * x, push.Vector.X, 1e-5f);
        Assert.Equal(0f, push.Vector.Y);
        Assert.Equal(12.5f * z, push.Vector.Z, 1e-5f);
    }

    private static Verdict Judge(float x, ulong fallen, float y = 0.2f)
    {
        var turn = new StepContext();
        turn.Begin(Episode(), Answer.OfTriple(1, 0, 10));
        new Push().Act(turn);
        var world = turn.Counterfactuals[0].World;
        world.Bodies[0] = world.Bodies[0] with { Position = new(x, y, 0f) };
        turn.Counterfactuals[0].Outcome = new(Ending.Settled, 1f, fallen, fallen);

        return new Push().Judge(turn);
    }

    private static Episode Episode()
    {
        var episode = new Episode { Options = new PushOptions(), State = s_facts };
        episode.World.Bodies.Add(new Body { Position = s_facts.Start, HalfExtents = new(0.2f) });
        episode.World.Bodies.Add(new Body { Position = new(-1f, 0.2f, 0f), HalfExtents = new(0.2f) });

        return episode;
    }
}
