using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.SecondOpinions.Mujoco;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>The same scenes in our engine and in MuJoCo.</summary>
internal sealed class Comparison
{
    private Comparison(string family, World[] starts, Verdict[] ours, Verdict[] theirs) =>
        (Family, Starts, Ours, Theirs) = (family, starts, ours, theirs);

    /// <summary>What the scenes are.</summary>
    public string Family { get; }

    /// <summary>The arranged scenes.</summary>
    public World[] Starts { get; }

    /// <summary>What became of them here.</summary>
    public Verdict[] Ours { get; }

    /// <summary>What became of them in MuJoCo.</summary>
    public Verdict[] Theirs { get; }

    /// <summary>Indices of the scenes in which other bodies fell or turned over.</summary>
    public IEnumerable<int> Disagreements =>
        Enumerable.Range(0, Starts.Length).Where(i => !Ours[i].IsSameClass(Theirs[i]));

    /// <summary>Indices of the scenes in which one engine says something fell and the other that nothing did.</summary>
    public IEnumerable<int> Contradictions =>
        Enumerable.Range(0, Starts.Length).Where(i => Ours[i].HasFallen != Theirs[i].HasFallen);

    /// <summary>Share of scenes in which the same bodies fell and turned over.</summary>
    public double ShareSame => 1 - (Disagreements.Count() / (double)Starts.Length);

    /// <summary>Share of scenes with the same answer to "does anything fall?".</summary>
    public double ShareSameAnswer => 1 - (Contradictions.Count() / (double)Starts.Length);

    /// <summary>Runs both for the same time, to rest if there is rest.</summary>
    public static Comparison Run(string family, IEnumerable<World> scenes, float time, MujocoSimulator rival)
    {
        var starts = scenes.ToArray();
        var options = new SettleOptions { MaxTime = time };
        return new(family, starts, Verdicts(new BatchSimulator(), starts, options), Verdicts(rival, starts, options));
    }

    /// <summary>Of bodies that travel to the same fate: distance between both ends over the distance.</summary>
    public double[] RestingDifferences()
    {
        const float least = 0.01f;   // m; below it a share of the distance says nothing
        return [.. Enumerable.Range(0, Starts.Length).Except(Disagreements).SelectMany(i =>
        {
            var body = Starts[i].Pushes[0].Body;
            var there = Theirs[i].End.Bodies[body].Position;
            var travelled = Vector3.Distance(Starts[i].Bodies[body].Position, there);
            double apart = Vector3.Distance(Ours[i].End.Bodies[body].Position, there);
            return travelled > least ? [apart / travelled] : Array.Empty<double>();
        })];
    }

    private static Verdict[] Verdicts(ISimulator engine, World[] starts, SettleOptions options)
    {
        var ends = TowerSet.Copies(starts);
        engine.Settle(ends, options, new Outcome[ends.Length]);
        return [.. starts.Select((start, i) => Verdict.Of(start, ends[i]))];
    }
}
