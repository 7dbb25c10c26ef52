namespace PhysIntuition.Environments.Batches;

/// <summary>What the last Reset or Step gave, as one array per field with one entry per slot. Owned by the
/// batch.</summary>
/// <remarks>Withheld fields of held-out scenes hold 0, NaN or null; <see cref="IsWithheld"/> says so.</remarks>
public sealed class StepResults
{
    internal StepResults(int slots)
    {
        Rewards = new double[slots];
        Terminated = new bool[slots];
        Truncated = new bool[slots];
        WasReset = new bool[slots];
        IsWithheld = new bool[slots];
        Seeds = new ulong[slots];
        Steps = new int[slots];
        SceneHashes = new ulong[slots];
        OutcomeHashes = new ulong[slots];
        Margins = new float[slots];
        Distances = new double[slots];
        ParseErrors = new string?[slots];
        Verdicts = new string?[slots];
        HasFinal = new bool[slots];
        FinalSteps = new int[slots];
        FinalSceneHashes = new ulong[slots];
        FinalSeeds = new ulong[slots];
    }

    /// <summary>Rewards of this step; 0 after a reset.</summary>
    public double[] Rewards { get; }

    /// <summary>The task reached its end.</summary>
    public bool[] Terminated { get; }

    /// <summary>The step limit ended the episode.</summary>
    public bool[] Truncated { get; }

    /// <summary>The slot now shows a new episode: after Reset, or by autoreset.</summary>
    public bool[] WasReset { get; }

    /// <summary>Rewards, verdicts, margins and outcome hashes of this slot are withheld.</summary>
    public bool[] IsWithheld { get; }

    /// <summary>Seed of the episode that the slot shows; 0 when withheld.</summary>
    public ulong[] Seeds { get; }

    /// <summary>Steps taken in the episode that the slot shows.</summary>
    public int[] Steps { get; }

    /// <summary>Of the scene that the slot shows.</summary>
    public ulong[] SceneHashes { get; }

    /// <summary>Of the simulation that decided this step, or the scene's label.</summary>
    public ulong[] OutcomeHashes { get; }

    /// <summary>Static margin of the scene that the slot shows, over a block's width; NaN where it means
    /// nothing.</summary>
    public float[] Margins { get; }

    /// <summary>How far off this step's answer was, m; NaN where distance means nothing.</summary>
    public double[] Distances { get; }

    /// <summary>Why this step's text could not be read; null otherwise. Never withheld.</summary>
    public string?[] ParseErrors { get; }

    /// <summary>This step's verdict in a sentence; null after a reset.</summary>
    public string?[] Verdicts { get; }

    /// <summary>Same-step mode: this step finished an episode, which is readable as the final one.</summary>
    public bool[] HasFinal { get; }

    /// <summary>Steps of the final episode.</summary>
    public int[] FinalSteps { get; }

    /// <summary>Scene hash of the final episode.</summary>
    public ulong[] FinalSceneHashes { get; }

    /// <summary>Seed of the final episode; 0 when withheld.</summary>
    public ulong[] FinalSeeds { get; }
}
