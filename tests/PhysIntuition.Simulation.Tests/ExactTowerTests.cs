using System.Globalization;
using System.Numerics;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Simulation.Tests;

/// <summary>768 single columns against the exact criterion: each upper part's centre over what carries it.</summary>
public sealed class ExactTowerTests
{
    private const string Data = "shared/prototypes/physics/towers.csv";

    [Fact]
    public void Settle_Columns_AgreesWithTheCentreOfMassCriterion()
    {
        var towers = Load();
        var worlds = towers.Select(ToWorld).ToArray();
        var outcomes = new Outcome[worlds.Length];
        using var engine = new BatchSimulator();
        engine.Settle(worlds, new SettleOptions { MaxTime = 2f }, outcomes);

        var wrong = new List<double>();
        for (var i = 0; i < towers.Count; i++)
        {
            var margin = Margin(towers[i]);
            var stands = outcomes[i].Ending == Ending.Settled && outcomes[i].FallenBodies == 0;
            if (stands != margin > 0)
            {
                wrong.Add(Math.Abs(margin));
            }
        }

        Assert.True(wrong.Count <= 0.003 * towers.Count, $"{wrong.Count} of {towers.Count} wrong");
        Assert.DoesNotContain(wrong, margin => margin > 0.01);
    }

    [Fact]
    public void Settle_StandingColumns_DoNotCreep()
    {
        var towers = Load().Where(tower => Margin(tower) > 0.05).ToList();
        var worlds = towers.Select(ToWorld).ToArray();
        using var engine = new BatchSimulator();
        engine.Advance(worlds, 2f);

        var creep = worlds.Select((world, i) => world.Bodies.Select((body, k) =>
            Math.Max(Math.Abs(body.Position.X - towers[i][k].X), Math.Abs(body.Position.Z - towers[i][k].Z))).Max());

        var sorted = creep.Order().ToArray();
        Assert.True(sorted[sorted.Length / 2] < 0.0001, $"median {sorted[sorted.Length / 2]} m");
        Assert.True(sorted[sorted.Length * 99 / 100] < 0.003, $"p99 {sorted[sorted.Length * 99 / 100]} m");
    }

    private static List<List<Row>> Load()
    {
        var folder = Repository.Above(Data);
        Assert.SkipWhen(folder is null, $"{Data} is not beside the repository.");
        var towers = new List<List<Row>>();
        foreach (var line in File.ReadLines(Path.Combine(folder!, Data)).Skip(1))
        {
            var f = line.Split(',').Select(s => double.Parse(s, CultureInfo.InvariantCulture)).ToArray();
            if (f[2] == 0)
            {
                towers.Add([]);
            }

            // The file has z up.
            towers[^1].Add(new Row(f[3], f[5], f[4], f[6], f[8], f[7], f[9]));
        }

        return towers;
    }

    private static World ToWorld(List<Row> tower)
    {
        var world = new World { GroundFriction = 0.55f };
        foreach (var row in tower)
        {
            world.Bodies.Add(new Body
            {
                HalfExtents = new Vector3((float)row.HalfX, (float)row.HalfY, (float)row.HalfZ),
                Position = new Vector3((float)row.X, (float)row.Y, (float)row.Z),
                Mass = (float)row.Mass,
                Friction = 0.55f,
            });
        }

        return world;
    }

    /// <summary>Least distance from an upper part's centre to the edge it would tip over, per block width.</summary>
    private static double Margin(List<Row> tower)
    {
        var least = double.MaxValue;
        for (var i = 0; i < tower.Count; i++)
        {
            var mass = tower.Skip(i).Sum(row => row.Mass);
            var below = tower[Math.Max(i - 1, 0)];
            least = Math.Min(least, Along(tower.Skip(i).Sum(row => row.Mass * row.X) / mass,
                tower[i].X, tower[i].HalfX, below.X, below.HalfX));
            least = Math.Min(least, Along(tower.Skip(i).Sum(row => row.Mass * row.Z) / mass,
                tower[i].Z, tower[i].HalfZ, below.Z, below.HalfZ));
        }

        return least;
    }

    private static double Along(double centre, double x, double half, double belowX, double belowHalf)
    {
        var low = Math.Max(x - half, belowX - belowHalf);
        var high = Math.Min(x + half, belowX + belowHalf);
        return Math.Min(centre - low, high - centre) / (2 * half);
    }

    private sealed record Row(double HalfX, double HalfY, double HalfZ, double X, double Y, double Z, double Mass);
}
