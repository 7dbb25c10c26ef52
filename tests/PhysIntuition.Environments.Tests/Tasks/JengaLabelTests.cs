using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>What is said of blocks that are taken out, by torques that know nothing of the product's statics.</summary>
public sealed class JengaLabelTests
{
    private const int Scenes = 48;
    private const int MaxTaken = 5;
    private const double Clear = 0.05;   // of a post's width: the simulator and statics agree beyond it

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"storeys":{"min":1,"max":1}}""")]
    [InlineData("""{"storeys":{"min":3,"max":3},"physics":{"friction":{"min":0.3,"max":0.3}}}""")]
    [InlineData("""{"blockWidth":{"min":0.2,"max":0.2},"physics":{"gravity":{"min":1.62,"max":1.62}}}""")]
    public void Step_EachBlockOfManyTowers_StandsWhereTorquesHoldIt(string options)
    {
        var (standing, falling) = (0, 0);
        foreach (var number in Enumerable.Range(1, 9))
        {
            var batch = Given.Batch("Jenga-v1", Scenes, options: options);
            batch.Reset(0UL);
            int[] posts = [.. Enumerable.Range(0, Scenes).Select(slot => PostOf(batch, slot, number))];
            double[] rooms = [.. posts.Select((post, slot) =>
                post < 0 ? 0 : Room(batch.EpisodeFor(slot).World, [post]))];
            batch.Step([.. Enumerable.Repeat(SlotAction.OfNumbers(number), Scenes)]);
            for (var slot = 0; slot < Scenes; slot++)
            {
                var reward = batch.Results.Rewards[slot];
                Assert.Equal(posts[slot] < 0, reward == -1);
                if (Math.Abs(rooms[slot]) > Clear)
                {
                    Assert.Equal(rooms[slot] > 0, reward > 0);
                    (standing, falling) = reward > 0 ? (standing + 1, falling) : (standing, falling + 1);
                }
            }
        }

        Assert.True(standing > Scenes && falling > 0, $"{standing} stand, {falling} fall");
    }

    [Fact]
    public void Step_FirstRewardOfTheExpert_IsOneOverTheMostThatTorquesAllow()
    {
        var batch = Given.Batch("Jenga-v1", Scenes);
        batch.Reset(500UL);
        int[] most = [.. Enumerable.Range(0, Scenes).Select(slot => Most(batch.EpisodeFor(slot).World, [], []))];

        batch.Step(Given.ExpertActions(batch));

        Assert.Equal(most.Select(count => 1.0 / count), batch.Results.Rewards);
        Assert.True(most.Distinct().Count() >= 3, string.Join(' ', most));
    }

    [Fact]
    public void Play_EpisodesOfDifferentLengths_EachPaysTheExpertTheMost()
    {
        var batch = Given.Batch("Jenga-v1", Scenes);
        batch.Reset(0UL);
        Given.PlayExpert(batch);
        int[] steps = [.. Enumerable.Range(0, Scenes).Select(slot => batch.EpisodeFor(slot).Steps)];

        var returns = new Match(batch.Task, new SplitChoice(Split.Test, null), Given.Simulator, null)
            .Play(ScriptedPlayers.Expert, 0, Scenes)!;

        Assert.True(steps.Distinct().Count() >= 3, string.Join(' ', steps));
        Assert.All(returns, earned => Assert.Equal(1, earned, 1e-9));
    }

    [Fact]
    public void Score_ConversationsOfDifferentLengths_PayWhatTheirStepsPay()
    {
        var batch = Given.Batch("Jenga-v1", 6);
        batch.Reset(20UL);
        var (mask, answers) = (new bool[6], Enumerable.Range(0, 6).Select(_ => new List<SlotAction>()).ToArray());
        var returns = new double[6];
        while (batch.FindRunning(mask))
        {
            var actions = Given.ExpertActions(batch);
            batch.Step(actions, mask);
            for (var slot = 0; slot < 6; slot++)
            {
                returns[slot] += batch.Results.Rewards[slot];
                answers[slot].AddRange(mask[slot] ? [actions[slot]] : []);
            }
        }

        answers[2].Add(SlotAction.OfText("<answer>1</answer>"));   // after the end: it does not count
        answers[3].RemoveRange(1, answers[3].Count - 1);           // stops early: what is missing is not paid
        var job = Given.Scored(batch.Task, batch.Options, [20, 21, 22, 23, 24, 25],
            [.. answers.SelectMany(list => list)], Given.Simulator, [.. answers.Select(list => list.Count)]);

        foreach (var slot in (int[])[0, 1, 2, 4, 5])
        {
            Assert.Equal(returns[slot], job.Rewards[slot]);
        }

        Assert.InRange(job.Rewards[3], 0.2, 0.5);
    }

    [Fact]
    public void Step_BlockThatIsOutAlready_EndsTheEpisodeAsNoBlock()
    {
        var batch = Given.Batch("Jenga-v1", 1);
        batch.Reset(1UL);
        var action = Given.ExpertActions(batch);
        batch.Step(action);
        var (prompt, labels) = (batch.View.Prompt(0), batch.View.Episode(0).Overlays.Count);

        batch.Step(action);

        Assert.Contains($"Out so far: {(int)batch.Task.Parse(action[0].Text, batch.View.Episode(0))[0]}.", prompt,
            StringComparison.Ordinal);
        Assert.Equal(batch.View.Episode(0).World.Bodies.Count / 4 * 3, labels + 1);
        Assert.Equal((-1.0, true), (batch.Results.Rewards[0], batch.IsDone(0)));
        Assert.Equal("There is no block of that number.", batch.Results.Verdicts[0]);
    }

    [Fact]
    public void Step_Stop_EndsTheEpisodeAndPaysNothing()
    {
        var batch = Given.Batch("Jenga-v1", 2);
        batch.Reset(1UL);

        batch.Step([SlotAction.OfText("<answer>stop</answer>"), SlotAction.OfNumbers(0)]);

        Assert.Equal([0.0, 0.0], batch.Results.Rewards);
        Assert.Equal([true, true], batch.Results.Terminated);
    }

    // The body that carries a number; -1: none does.
    private static int PostOf(EnvironmentBatch batch, int slot, int number)
    {
        var episode = batch.EpisodeFor(slot);
        var label = episode.Overlays.FindIndex(overlay => overlay.Text == $"{number}");
        return label < 0 ? -1 : episode.World.Bodies.FindIndex(body =>
            Math.Abs(body.Position.X - episode.Overlays[label].From.X) < 1e-4f
            && Math.Abs(body.Position.Y - episode.Overlays[label].From.Y) < 1e-4f);
    }

    // Depth first over all orders; sets that were met before are left out.
    private static int Most(World world, HashSet<int> without, HashSet<string> met)
    {
        var most = 0;
        for (var post = 0; post < world.Bodies.Count / 4 * 3 && without.Count < MaxTaken; post++)
        {
            HashSet<int> more = [.. without, post];
            if (more.Count > without.Count && met.Add(string.Join(' ', more.Order())) && Room(world, more) > 0)
            {
                most = Math.Max(most, 1 + Most(world, more, met));
            }
        }

        return most;
    }

    // The least torque with which what is above holds an edge of a storey down, over its weight and a post's width.
    private static double Room(World world, HashSet<int> without)
    {
        var (posts, room) = (world.Bodies.Count / 4 * 3, double.PositiveInfinity);
        var standing = Enumerable.Range(0, world.Bodies.Count).Where(i => !without.Contains(i))
            .Select(i => world.Bodies[i]).ToArray();
        foreach (var plank in world.Bodies.Skip(posts).SkipLast(1))
        {
            var top = plank.Position.Y - plank.HalfExtents.Y;
            var below = standing.Where(body => Math.Abs(body.Position.Y + body.HalfExtents.Y - top) < 0.01f).ToArray();
            if (below.Length == 0)
            {
                return -1;
            }

            var feet = below[0].Position.Y - below[0].HalfExtents.Y;
            var (left, right) = (below.Min(body => body.Position.X - body.HalfExtents.X),
                below.Max(body => body.Position.X + body.HalfExtents.X));
            foreach (var height in (float[])[top, feet])
            {
                var above = standing.Where(body => body.Position.Y > height).ToArray();
                var overLeft = above.Sum(body => body.Mass * ((double)body.Position.X - left));
                var overRight = above.Sum(body => body.Mass * ((double)right - body.Position.X));
                room = Math.Min(room, Math.Min(overLeft, overRight) / above.Sum(body => (double)body.Mass));
            }
        }

        return room / (2 * world.Bodies[0].HalfExtents.X);
    }
}
