namespace PhysIntuition.Environments.Episodes;

/// <summary>What a task says about the candidate scene it was asked for.</summary>
public enum BuildStep
{
    /// <summary>The scene is ready.</summary>
    Accepted,

    /// <summary>Simulate the draft's trials, then ask for a review.</summary>
    Simulate,

    /// <summary>Try the next candidate.</summary>
    Rejected,
}

/// <summary>One scene in the making: candidates are tried in order until the task accepts one.</summary>
public sealed class SceneBuilder
{
    private const int MaxPlans = 4;
    private const int FirstPlan = 4096;    // candidates of the first plan, and
    private const int LaterPlan = 512;     // of each plan that follows one which fits no scene;
    private const int MaxSimulated = 64;   // of them simulated: some plans suit no options, and would cost seconds

    private ulong _key;
    private ulong _planKey;
    private int _plan;
    private int _candidates;   // of the plan so far, and
    private int _simulated;    // of them simulated

    /// <summary>The scene being made.</summary>
    public Episode Episode { get; internal set; } = new();

    /// <summary>Worlds to simulate before the review.</summary>
    public Counterfactuals Counterfactuals { get; } = new();

    /// <summary>The world whose outcome is the label: the scene, with what the question adds or takes away.</summary>
    public World Judged { get; } = new();

    /// <summary>Candidates tried before this one.</summary>
    public int Candidate { get; private set; }

    /// <summary>Reviews of this candidate so far.</summary>
    public int Round { get; private set; }

    /// <summary>Why the last candidate was rejected, one of a few constant words.</summary>
    public string? Reason { get; private set; }

    /// <summary>Room for what a task must remember between reviews of one candidate.</summary>
    public double Memory { get; set; }

    /// <summary>How far it is, if it was begun before its scene was asked for.</summary>
    internal AheadState Ahead { get; set; }

    /// <summary>Where reasons are counted; null when nobody asks.</summary>
    internal DraftReport? Report { get; set; }

    /// <summary>The scene's options.</summary>
    /// <typeparam name="T">The task's own record.</typeparam>
    public T OptionsAs<T>() where T : TaskOptions => (T)Episode.Options;

    /// <summary>Whether the options are taken to leave no scene.</summary>
    internal bool IsSpent => _plan == MaxPlans - 1 && IsPlanSpent;

    private bool IsPlanSpent =>
        _candidates >= (_plan == 0 ? FirstPlan : LaterPlan) || _simulated >= MaxSimulated;

    /// <summary>Numbers that are the same for all candidates of a plan: class, number of blocks, looks.</summary>
    /// <param name="purpose">Different purposes are independent.</param>
    public RandomStream Fixed(SeedUse purpose) => new(_planKey, (ulong)purpose);

    /// <summary>Numbers of this candidate alone.</summary>
    /// <param name="purpose">Different purposes are independent.</param>
    public RandomStream Fresh(SeedUse purpose) =>
        new(_key, (ulong)purpose + ((ulong)(Candidate + 1) << 16));

    /// <summary>Whether it leads to the scene of a seed under these options.</summary>
    internal bool Fits(ulong seed, TaskOptions options) =>
        Ahead != AheadState.Lost && Episode.Seed == seed && ReferenceEquals(Episode.Options, options);

    /// <summary>Gives this candidate up.</summary>
    /// <param name="reason">A constant; reasons are counted.</param>
    public BuildStep Reject(string reason)
    {
        Reason = reason;
        Report?.Count(reason);

        return BuildStep.Rejected;
    }

    /// <summary>Begins the scene of a seed.</summary>
    internal void Begin(string taskId, TaskOptions options, Split split, ulong seed)
    {
        Ahead = AheadState.None;
        _key = _planKey = SceneSeed.Of(taskId, split, options.SharedSeed(seed));
        (Episode.Options, Episode.Split, Episode.Seed) = (options, split, seed);
        Candidate = -1;
        (_plan, _candidates, _simulated) = (0, 0, 0);
        NextCandidate();
    }

    /// <summary>Counts a round of simulations.</summary>
    internal void BeginRound()
    {
        _simulated += Round == 0 ? 1 : 0;
        Round++;
    }

    /// <summary>Clears the scene for another candidate.</summary>
    internal void NextCandidate()
    {
        if (IsPlanSpent)
        {
            _planKey = new RandomStream(_planKey, (ulong)SeedUse.Replan).NextBits();
            (_plan, _candidates, _simulated) = (_plan + 1, 0, 0);
        }

        Candidate++;
        _candidates++;
        Round = 0;
        Memory = 0;
        Counterfactuals.Clear();
        Episode.Clear();
    }
}

/// <summary>How far a scene is that was begun before it was asked for.</summary>
internal enum AheadState
{
    /// <summary>It was asked for.</summary>
    None,

    /// <summary>It waits for simulation.</summary>
    UnderWay,

    /// <summary>It waits to be asked for.</summary>
    Ready,

    /// <summary>It cannot be used.</summary>
    Lost,
}

/// <summary>What random numbers are for; each purpose has a stream of its own.</summary>
public enum SeedUse : ulong
{
    /// <summary>Class, difficulty bin and number of blocks.</summary>
    Plan = 1,

    /// <summary>Sizes and places.</summary>
    Geometry,

    /// <summary>Friction, density, gravity, restitution.</summary>
    Physics,

    /// <summary>Colours, materials and textures.</summary>
    Looks,

    /// <summary>Camera.</summary>
    Camera,

    /// <summary>Light.</summary>
    Light,

    /// <summary>Nudges that test whether an outcome is robust.</summary>
    Nudge,

    /// <summary>In-context examples.</summary>
    Examples,

    /// <summary>Pictures and their transformations.</summary>
    Pictures,

    /// <summary>Another plan, for a seed whose class and number of blocks fit no candidate.</summary>
    Replan,
}

/// <summary>How many candidates were tried, how many became scenes, and why the others did not.</summary>
public sealed class DraftReport
{
    private readonly SortedDictionary<string, long> _reasons = new(StringComparer.Ordinal);

    /// <summary>Scenes made.</summary>
    public long Accepted { get; private set; }

    /// <summary>Candidates given up.</summary>
    public long Rejected { get; private set; }

    /// <summary>Share of candidates that were given up.</summary>
    public double RejectedShare => Accepted + Rejected == 0 ? 0 : (double)Rejected / (Accepted + Rejected);

    /// <summary>Rejected candidates by reason, in alphabetical order.</summary>
    public IReadOnlyDictionary<string, long> Reasons => _reasons;

    internal void Count(string reason)
    {
        _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        Rejected++;
    }

    internal void CountAccepted() => Accepted++;
}
