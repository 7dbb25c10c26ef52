using System.Numerics;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>Which picture of a fall is first: by energy, which only friction and impacts change, and by another
/// engine.</summary>
public sealed class SequenceLabelTests
{
    private const int Scenes = 200;
    private static readonly string[] s_orders = ["ABC", "ACB", "BAC", "BCA", "CAB", "CBA"];

    [Fact]
    public void Reset_ManyScenes_EnergyIsLostFromPictureToPicture()
    {
        foreach (var episode in Episodes("{}"))
        {
            var energies = InOrder(episode).Select(EnergyOf).ToArray();
            var start = EnergyOf(episode.World);

            Assert.All(energies, energy => Assert.True(energy <= 1.01 * start, $"{energy} of {start}"));
            Assert.True(energies[0] >= 0.99 * energies[1] && energies[1] >= 0.99 * energies[2]);
        }
    }

    [Fact]
    public void Reset_EveryOtherOrder_LiftsTheCommonCentreOfMassOfBlocksThatNothingLifts()
    {
        foreach (var episode in Episodes("{}"))
        {
            var right = episode.State.Choice;
            var possible = Enumerable.Range(0, s_orders.Length).Where(order =>
            {
                double[] heights = [.. s_orders[order].Select(letter => HeightOf(episode.Panels[letter - 'A']))];

                return heights[0] > heights[1] && heights[1] > heights[2];
            });

            Assert.Equal([right], possible);
        }
    }

    [Fact]
    public void Reset_AnotherEngine_PassesThePicturesInTheSameOrder()
    {
        Assert.SkipWhen(MujocoSimulator.WhyMissing is not null, MujocoSimulator.WhyMissing ?? "");
        const float tick = 0.1f;   // s
        var (same, episodes) = (0, Episodes("""{"blocks":{"min":3,"max":3}}""").Take(40).ToArray());
        var engine = new MujocoSimulator(MujocoSettings.Round);
        var worlds = Array.ConvertAll(episodes, static episode => Panels.Still(episode.World));
        var nearest = Array.ConvertAll(episodes, static episode => Array.ConvertAll(
            InOrder(episode), picture => (Time: 0, Distance: FourEnds.Distance(episode.World, picture))));
        for (var time = 1; time <= 30; time++)
        {
            engine.Advance(worlds, tick);
            for (var i = 0; i < episodes.Length; i++)
            {
                var pictures = InOrder(episodes[i]);
                for (var k = 0; k < pictures.Length; k++)
                {
                    var distance = FourEnds.Distance(worlds[i], pictures[k]);
                    nearest[i][k] = distance < nearest[i][k].Distance ? (time, distance) : nearest[i][k];
                }
            }
        }

        same = nearest.Count(times => times[0].Time < times[1].Time && times[1].Time < times[2].Time);
        Assert.True(same >= 0.9 * episodes.Length, $"{same} of {episodes.Length}");
    }

    [Fact]
    public void Reset_ManyScenes_EveryOrderIsRightAlikeOften()
    {
        // Four standard deviations of a share of a sixth: 4 sqrt(n 5 / 36).
        var slack = 4 * Math.Sqrt(3 * Scenes * 5 / 36.0);
        var counts = Episodes("{}", 3 * Scenes).GroupBy(episode => episode.State.Choice)
            .Select(group => group.Count()).ToArray();

        Assert.Equal(6, counts.Length);
        Assert.All(counts, count => Assert.InRange(count, (Scenes / 2.0) - slack, (Scenes / 2.0) + slack));
    }

    private static World[] InOrder(Episode episode) =>
        [.. s_orders[(int)episode.State.Expert[0]].Select(letter => episode.Panels[letter - 'A'])];

    private static double HeightOf(World world) =>
        world.Bodies.Sum(body => (double)body.Mass * body.Position.Y) / world.Bodies.Sum(body => (double)body.Mass);

    // m g y + m v^2 / 2 + w I w / 2, about each body's own axes; J.
    private static double EnergyOf(World world) => world.Bodies.Sum(body =>
    {
        var (half, spin) = (body.HalfExtents, Vector3.Transform(
            body.AngularVelocity, Quaternion.Conjugate(body.Orientation)));
        var turning = ((half.Y * half.Y) + (half.Z * half.Z)) * spin.X * spin.X
            + (((half.X * half.X) + (half.Z * half.Z)) * spin.Y * spin.Y)
            + (((half.X * half.X) + (half.Y * half.Y)) * spin.Z * spin.Z);

        return body.Mass * ((world.Gravity * (double)body.Position.Y) + (body.LinearVelocity.LengthSquared() / 2)
            + (turning / 6));
    });

    private static IEnumerable<Episode> Episodes(string options, int count = Scenes)
    {
        var batch = Given.Batch("Sequence-v1", count, options: options);
        batch.Reset(900);

        return Enumerable.Range(0, count).Select(batch.EpisodeFor);
    }
}
