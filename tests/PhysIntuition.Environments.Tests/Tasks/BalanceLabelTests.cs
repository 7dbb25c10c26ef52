using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Episodes;

namespace PhysIntuition.Environments.Tests.Tasks;

/// <summary>The beam against the law of the lever, from sizes alone.</summary>
public sealed class BalanceLabelTests
{
    private const int Scenes = 48, Beam = 1;
    private const double FulcrumHalf = 0.15;   // m: over it a centre of mass is held

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"weights":{"min":3,"max":3},"blockWidth":{"min":0.2,"max":0.35}}""")]
    [InlineData("""{"weights":{"min":1,"max":1}}""")]
    [InlineData("""{"physics":{"density":{"min":50,"max":5000},"gravity":{"min":2,"max":20}}}""")]
    public void Reset_Expert_BringsTheMomentsOfAllCubesToZero(string options)
    {
        foreach (var episode in Episodes(options))
        {
            var (moment, red) = (0.0, Cube(episode, episode.State.Subject));
            for (var k = Beam + 1; k < episode.World.Bodies.Count; k++)
            {
                var arm = k == episode.State.Subject ? episode.State.Expert[0] / 100
                    : episode.World.Bodies[k].Position.X;
                moment += Cube(episode, k) * arm;
            }

            // What is left over, as a place of the red weight: less than half a hundredth.
            Assert.Equal(0, moment / red, 0.005);
        }
    }

    [Fact]
    public void Reset_AnyBeam_CarriesItsWeightsApartAndWhole()
    {
        foreach (var episode in Episodes("""{"weights":{"min":1,"max":3}}"""))
        {
            var beam = episode.World.Bodies[Beam];
            List<(float X, float Half)> weights = [];
            for (var k = Beam + 1; k < episode.World.Bodies.Count; k++)
            {
                var body = episode.World.Bodies[k];
                var x = k == episode.State.Subject ? episode.State.Target.X : body.Position.X;
                weights.Add((x, body.HalfExtents.X));
            }

            Assert.All(weights, weight => Assert.True(Math.Abs(weight.X) + weight.Half <= beam.HalfExtents.X));
            foreach (var (one, other) in weights.SelectMany(one => weights.Where(other => other.X > one.X)
                .Select(other => (one, other))))
            {
                Assert.True(other.X - one.X > one.Half + other.Half);
            }
        }
    }

    [Fact]
    public void Reset_RedWeight_StandsOnTheGroundInFrontOfTheBeam()
    {
        foreach (var episode in Episodes("{}"))
        {
            var red = episode.World.Bodies[episode.State.Subject];

            Assert.Equal(red.HalfExtents.Y, red.Position.Y, 1e-6f);
            Assert.True(red.Position.Z - red.HalfExtents.Z > episode.World.Bodies[Beam].HalfExtents.Z);
        }
    }

    [Fact]
    public void Step_PhysicalReward_PaysWhereTheCommonCentreIsOverTheFulcrum()
    {
        var batch = Given.Batch("Balance-v1", Scenes, options: """{"reward":"physical"}""");
        foreach (var shift in (int[])[0, 10, -10, 90, -90])
        {
            batch.Reset(40);
            var centres = new double[Scenes];
            var actions = new SlotAction[Scenes];
            for (var slot = 0; slot < Scenes; slot++)
            {
                var place = Math.Clamp(batch.View.ExpertNumbers(slot)[0] + shift, -170, 170);
                actions[slot] = SlotAction.OfNumbers(place);
                centres[slot] = Centre(batch.View.Episode(slot), place / 100);
            }

            batch.Step(actions);

            for (var slot = 0; slot < Scenes; slot++)
            {
                var isClear = Math.Abs(Math.Abs(centres[slot]) - FulcrumHalf) > 0.05
                    && Math.Abs(centres[slot]) < 2 * FulcrumHalf;
                var pays = batch.Results.Verdicts[slot] != "The beam tips.";
                var isOver = Math.Abs(centres[slot]) < FulcrumHalf;
                Assert.True(!isClear || pays == isOver || IsBlocked(batch, slot, actions),
                    $"centre {centres[slot]}, {batch.Results.Verdicts[slot]}");
            }
        }
    }

    // Put where another weight stands, the red one is thrown off: no lever tells what comes of it.
    private static bool IsBlocked(EnvironmentBatch batch, int slot, SlotAction[] actions)
    {
        var (episode, place) = (batch.View.Episode(slot), (float)actions[slot].Numbers.Span[0] / 100);
        var red = episode.World.Bodies[episode.State.Subject];

        return episode.World.Bodies.Where((_, k) => k > Beam && k != episode.State.Subject).Any(body =>
            Math.Abs(body.Position.X - place) < body.HalfExtents.X + red.HalfExtents.X);
    }

    private static double Centre(Episode episode, double red)
    {
        double moment = 0, mass = episode.World.Bodies[Beam].Mass;
        for (var k = Beam + 1; k < episode.World.Bodies.Count; k++)
        {
            var body = episode.World.Bodies[k];
            mass += body.Mass;
            moment += body.Mass * (k == episode.State.Subject ? red : body.Position.X);
        }

        return moment / mass;
    }

    private static double Cube(Episode episode, int body) => Math.Pow(episode.World.Bodies[body].HalfExtents.X, 3);

    private static IEnumerable<Episode> Episodes(string options)
    {
        var batch = Given.Batch("Balance-v1", Scenes, options: options);
        batch.Reset(40);

        return Enumerable.Range(0, Scenes).Select(slot => batch.View.Episode(slot));
    }
}
