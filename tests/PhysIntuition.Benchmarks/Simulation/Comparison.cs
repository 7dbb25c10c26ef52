using System.Numerics;
using PhysIntuition.SecondOpinions;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Benchmarks.Simulation;

/// <summary>The same scenes in our engine and in MuJoCo.</summary>
internal sealed class Comparison
{
    private readonly bool[] _isDecided;

    private Comparison(string family, World[] starts, Verdict[] ours, Verdict[] theirs, bool[] isDecided) =>
        (Family, Starts, Ours, Theirs, _isDecided) = (family, starts, ours, theirs, isDecided);

    /// <summary>What the scenes are.</summary>
    public string Family { get; }

    /// <summary>The arranged scenes.</summary>
    public World[] Starts { get; }

    /// <summary>What became of them here.</summary>
    public Verdict[] Ours { get; }

    /// <summary>What became of them in MuJoCo.</summary>
    public Verdict[] Theirs { get; }

    /// <summary>Indices of the scenes in which other bodies fell or turned over.</summary>
    public IEnumerable<int> Disagreements => Scenes.Where(i => !Ours[i].IsSameClass(Theirs[i]));

    /// <summary>Those of them whose class no slight change of the scene changes in either engine.</summary>
    public IEnumerable<int> DecidedDisagreements => Disagreements.Where(i => _isDecided[i]);

    /// <summary>Indices of the scenes in which one engine says something fell and the other that nothing did.</summary>
    public IEnumerable<int> Contradictions => Scenes.Where(i => Ours[i].HasFallen != Theirs[i].HasFallen);

    /// <summary>Share of all scenes in which the same bodies fell and turned over.</summary>
    public double ShareSame => 1 - (Disagreements.Count() / (double)Starts.Length);

    /// <summary>The same share of the scenes that are decided.</summary>
    public double ShareSameOfDecided => 1 - (DecidedDisagreements.Count() / (double)_isDecided.Count(yes => yes));

    /// <summary>Share of scenes whose class a slight change of the scene changes in some engine.</summary>
    public double ShareUndecided => 1 - (_isDecided.Count(yes => yes) / (double)Starts.Length);

    /// <summary>Share of scenes with the same answer to "does anything fall?".</summary>
    public double ShareSameAnswer => 1 - (Contradictions.Count() / (double)Starts.Length);

    private IEnumerable<int> Scenes => Enumerable.Range(0, Starts.Length);

    /// <summary>Runs both for the same time, to rest if there is rest.</summary>
    /// <param name="family">Name of the scenes.</param>
    /// <param name="scenes">What both are given.</param>
    /// <param name="time">s at most.</param>
    /// <param name="settings">MuJoCo's.</param>
    /// <param name="changes">Slight changes that must not change a decided scene's class.</param>
    public static Comparison Run(
        string family, IEnumerable<World> scenes, float time, MujocoSettings settings,
        params Func<World, World>[] changes)
    {
        var starts = scenes.ToArray();
        var options = new SettleOptions { MaxTime = time };
        var (ours, theirs) = (Ours(starts), Theirs(starts));
        var isDecided = Enumerable.Repeat(true, starts.Length).ToArray();
        foreach (var change in changes)
        {
            var changed = starts.Select(change).ToArray();
            var (ourOther, theirOther) = (Ours(changed), Theirs(changed));
            for (var i = 0; i < starts.Length; i++)
            {
                isDecided[i] &= ours[i].IsSameClass(ourOther[i]) && theirs[i].IsSameClass(theirOther[i]);
            }
        }

        return new(family, starts, ours, theirs, isDecided);

        Verdict[] Ours(World[] worlds) => Verdicts(new BatchSimulator(), worlds, options);

        // One world at a time on each core: MuJoCo has no batches.
        Verdict[] Theirs(World[] worlds) => [.. worlds.AsParallel().AsOrdered()
            .Select(world => Verdicts(Engines.Mujoco(settings), [world], options)[0])];
    }

    /// <summary>Of bodies that travel to the same fate: distance between both ends over the distance.</summary>
    public double[] RestingDifferences()
    {
        const float least = 0.01f;   // m; below it a share of the distance says nothing
        return [.. Scenes.Except(Disagreements).SelectMany(i =>
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
