namespace PhysIntuition.Environments.Batches;

/// <summary>What the last Reset or Step gave, as one array per field with one entry per slot. Owned by the
/// batch.</summary>
/// <remarks>
/// Withheld fields of held-out scenes hold 0, NaN or null; <see cref="IsWithheld"/> says so. Where
/// <see cref="HasFinal"/>, everything about the step's answer belongs to the final episode.
/// </remarks>
public sealed class StepResults
{
    internal StepResults(int slots, bool isWithheld)
    {
        IsWithheld = isWithheld;
        Rewards = new double[slots];
        Terminated = new bool[slots];
        Truncated = new bool[slots];
        WasReset = new bool[slots];
        ParseErrors = new string?[slots];
        Verdicts = new string?[slots];
        Distances = new double[slots];
        OutcomeHashes = new ulong[slots];
        Seeds = new ulong[slots];
        Steps = new int[slots];
        SceneHashes = new ulong[slots];
        Margins = new float[slots];
        HasFinal = new bool[slots];
        FinalSeeds = new ulong[slots];
        FinalSteps = new int[slots];
        FinalSceneHashes = new ulong[slots];
        FinalMargins = new float[slots];
    }

    /// <summary>Whether rewards, verdicts, seeds, margins and outcome hashes are withheld.</summary>
    public bool IsWithheld { get; }

    /// <summary>Rewards of this step; 0 after a reset.</summary>
    public double[] Rewards { get; }

    /// <summary>The task reached its end.</summary>
    public bool[] Terminated { get; }

    /// <summary>The step limit ended the episode.</summary>
    public bool[] Truncated { get; }

    /// <summary>The slot is in a new episode: after Reset, or by autoreset.</summary>
    public bool[] WasReset { get; }

    /// <summary>Why this step's text could not be read; null otherwise. Never withheld.</summary>
    public string?[] ParseErrors { get; }

    /// <summary>This step's verdict in a sentence; null after a reset.</summary>
    public string?[] Verdicts { get; }

    /// <summary>How far off this step's answer was, m; NaN where distance means nothing.</summary>
    public double[] Distances { get; }

    /// <summary>Of the simulation that decided this step, or the scene's label.</summary>
    public ulong[] OutcomeHashes { get; }

    /// <summary>Seed of the episode that the slot is in; 0 when withheld.</summary>
    public ulong[] Seeds { get; }

    /// <summary>Steps taken in the episode that the slot is in.</summary>
    public int[] Steps { get; }

    /// <summary>Of the scene that the slot is in.</summary>
    public ulong[] SceneHashes { get; }

    /// <summary>Static margin of the scene that the slot is in, over a block's width; NaN where it means
    /// nothing.</summary>
    public float[] Margins { get; }

    /// <summary>Same-step mode: this step finished an episode, which is readable as the final one.</summary>
    public bool[] HasFinal { get; }

    /// <summary>Seed of the final episode; 0 when withheld.</summary>
    public ulong[] FinalSeeds { get; }

    /// <summary>Steps of the final episode.</summary>
    public int[] FinalSteps { get; }

    /// <summary>Scene hash of the final episode.</summary>
    public ulong[] FinalSceneHashes { get; }

    /// <summary>Static margin of the final episode's scene.</summary>
    public float[] FinalMargins { get; }

    /// <summary>Forgets what the last call gave a slot.</summary>
    internal void Clear(int slot)
    {
        Rewards[slot] = 0;
        Terminated[slot] = Truncated[slot] = WasReset[slot] = HasFinal[slot] = false;
        Verdicts[slot] = ParseErrors[slot] = null;
        Distances[slot] = double.NaN;
        OutcomeHashes[slot] = 0;
    }

    /// <summary>Writes how an answer was judged.</summary>
    internal void AddVerdict(int slot, in Verdict verdict, bool isTruncated, string? parseError, ulong outcomeHash)
    {
        Terminated[slot] = verdict.IsOver;
        Truncated[slot] = isTruncated;
        ParseErrors[slot] = parseError;
        if (!IsWithheld)
        {
            Rewards[slot] = verdict.Reward;
            Verdicts[slot] = verdict.Reason;
            Distances[slot] = verdict.Distance;
            OutcomeHashes[slot] = outcomeHash;
        }
    }

    /// <summary>Writes which episode a slot is in: a new one, or the same a step later.</summary>
    internal void SetEpisode(int slot, Episode episode)
    {
        Steps[slot] = episode.Steps;
        SceneHashes[slot] = episode.SceneHash;
        WasReset[slot] = episode.Steps == 0;
        Seeds[slot] = IsWithheld ? 0 : episode.Seed;
        Margins[slot] = IsWithheld ? float.NaN : episode.State.Margin;
    }

    /// <summary>Writes which episode the step has finished.</summary>
    internal void SetFinal(int slot, Episode episode)
    {
        HasFinal[slot] = true;
        FinalSteps[slot] = episode.Steps;
        FinalSceneHashes[slot] = episode.SceneHash;
        FinalSeeds[slot] = IsWithheld ? 0 : episode.Seed;
        FinalMargins[slot] = IsWithheld ? float.NaN : episode.State.Margin;
    }
}
