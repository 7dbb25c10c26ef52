using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>Towers with their exact static margins, the truth that every engine is held against.</summary>
internal sealed class TowerSet
{
    private TowerSet(List<World> worlds)
    {
        Worlds = [.. worlds];
        Margins = [.. worlds.Select(world => StaticMargin.Of(world).Value)];
    }

    /// <summary>The same bounds for every engine: two seconds, over at the first block that sinks by 5 cm.</summary>
    public static SettleOptions Judging { get; } = new() { MaxTime = 2f, StopAtFirstFall = true };

    /// <summary>The arranged scenes; copy them before a run.</summary>
    public World[] Worlds { get; }

    /// <summary>Shares of the width; negative where a tower cannot stand.</summary>
    public float[] Margins { get; }

    /// <summary>A third each of 3, 5 and 8 blocks.</summary>
    public static TowerSet Make(int perHeight) => new(Towers.Mixture(perHeight, seed: 20260214));

    /// <summary>Reads towers from a table.</summary>
    public static TowerSet Load(string path) => new(TowerFile.Load(path));

    /// <summary>Every n-th tower, all heights alike.</summary>
    public TowerSet Every(int n) => new([.. Worlds.Where((_, i) => i % n == 0)]);

    /// <summary>Copies to run.</summary>
    public World[] Copies() => Copies(Worlds);

    /// <summary>Copies to run.</summary>
    public static World[] Copies(IEnumerable<World> worlds) => [.. worlds.Select(world =>
    {
        var copy = new World();
        copy.CopyFrom(world);
        return copy;
    })];

    /// <summary>Which towers an engine says fall: those that do not rest when the time is over.</summary>
    /// <remarks>A tower that is barely unstable has hardly moved by then, but it does not come to rest.</remarks>
    public bool[] Judge(ISimulator engine)
    {
        var outcomes = new Outcome[Worlds.Length];
        engine.Settle(Copies(), Judging, outcomes);
        return [.. outcomes.Select(outcome => outcome.Ending != Ending.Settled)];
    }

    /// <summary>Share of right answers where the margin, without its sign, is between two bounds.</summary>
    public double ShareRight(bool[] falls, double above, double upTo)
    {
        var asked = Enumerable.Range(0, Worlds.Length)
            .Where(i => Math.Abs(Margins[i]) > above && Math.Abs(Margins[i]) <= upTo)
            .ToArray();
        return asked.Count(i => falls[i] == Margins[i] < 0) / (double)asked.Length;
    }
}
