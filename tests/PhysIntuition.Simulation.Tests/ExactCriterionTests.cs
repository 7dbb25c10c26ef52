using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Tests.Laws;

namespace PhysIntuition.Simulation.Tests;

/// <summary>Settled towers against the exact centre-of-mass criterion.</summary>
public sealed class ExactCriterionTests(ITestOutputHelper output)
{
    private static readonly SettleOptions s_judging = new() { MaxTime = 3f, StopAtFirstFall = true };

    [Fact]
    public void Settle_TowersWithAMarginOverFivePercent_EndAsTheCriterionSays()
    {
        var towers = Towers.Mixture(200, seed: 3).Where(tower => Far(StaticMargin.Of(tower))).ToArray();

        var wrong = Wrong(towers);

        // The mark is 99 %; a tower that far from the edge has no reason to be wrong at all.
        Assert.True(towers.Length > 400, $"Only {towers.Length} towers are far from the edge.");
        Assert.True(wrong.Count <= towers.Length / 100, string.Join("; ", wrong));
    }

    [Fact]
    public void Settle_TowersOfTheReferenceTable_EndAsTheCriterionSays()
    {
        var path = ReferenceTable();
        Assert.SkipWhen(path is null, "The table of 768 reference towers is not beside the repository.");
        var towers = TowerFile.Load(path!).ToArray();

        var wrong = Wrong(towers);

        foreach (var line in wrong)
        {
            output.WriteLine(line);
        }

        Assert.Equal(768, towers.Length);
        Assert.True(wrong.Count <= 0.01 * towers.Length, string.Join("; ", wrong));
    }

    [Fact]
    public void Make_AnyTowers_AreHalfStableAndTouchOnlyTheirNeighbours()
    {
        var towers = Towers.Mixture(40, seed: 5);

        Assert.Equal(60, towers.Count(tower => StaticMargin.Of(tower).IsStable));
        Assert.All(towers, tower => Assert.Equal(tower.Bodies.Count, ContactGraph.Of(tower).Contacts.Count));
        Assert.All(towers, tower => Assert.Equal(StaticMarginKind.Columns, StaticMargin.Of(tower).Kind));
    }

    private static bool Far(StaticMargin margin) => MathF.Abs(margin.Value) > 0.05f;

    private static List<string> Wrong(World[] towers)
    {
        var margins = towers.Select(tower => StaticMargin.Of(tower)).ToArray();
        var ends = towers.Select(Given.Copy).ToArray();
        var outcomes = new Outcome[towers.Length];
        Canonical.Engine.Settle(ends, s_judging, outcomes);
        return [.. Enumerable.Range(0, towers.Length)
            .Where(i => outcomes[i].Ending is Ending.Fell or Ending.Left == margins[i].IsStable)
            .Select(i => $"tower {i} of {towers[i].Bodies.Count}: margin {margins[i].Value}, {outcomes[i].Ending}")];
    }

    private static string? ReferenceTable()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "prototypes", "physics", "towers.csv");
            if (File.Exists(path))
            {
                return path;
            }
        }

        return null;
    }
}
