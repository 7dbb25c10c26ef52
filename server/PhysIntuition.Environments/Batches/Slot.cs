namespace PhysIntuition.Environments.Batches;

/// <summary>What the answer of a slot waits for.</summary>
internal enum AnswerPhase
{
    /// <summary>Nothing.</summary>
    Idle,

    /// <summary>Simulations that decide its verdict.</summary>
    Judging,

    /// <summary>The simulation that shows its outcome.</summary>
    Settling,
}

/// <summary>One place in a batch: its episode, its random stream, and what is under way.</summary>
/// <remarks>What a fork may never need is made when it is first needed: a fork then costs a third.</remarks>
internal sealed class Slot(TaskSpec task, TaskOptions options)
{
    /// <summary>Options of this slot's next episodes.</summary>
    public TaskOptions Options { get; set; } = options;

    /// <summary>The next scene in the making; null: none is under way.</summary>
    public SceneBuilder? SceneBuilder { get; set; }

    /// <summary>The answer under way, or the last one.</summary>
    public StepContext Context { get; } = new();

    /// <summary>What the answer waits for.</summary>
    public AnswerPhase Phase { get; set; }

    /// <summary>The episode that the slot is in.</summary>
    public Episode Episode { get; set; } = new();

    /// <summary>Same-step mode: the episode that the last step finished.</summary>
    public Episode Final { get => field ??= new(); set; }

    /// <summary>The settled world after the last answer; meaningful while <see cref="HasOutcome"/>.</summary>
    public World Outcome => field ??= new();

    /// <summary>Whether <see cref="Outcome"/> belongs to the last answer.</summary>
    public bool HasOutcome { get; private set; }

    /// <summary>Whether there is nothing left to simulate for the last answer's outcome.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Gives the seeds of autoresets and of resets without a seed.</summary>
    public RandomStream Stream;

    /// <summary>Episodes of the stream that are begun before they are asked for; null: none was ever.</summary>
    public ReadAhead? Ahead { get; set; }

    /// <summary>Whether turns of the chat are kept, from each episode's beginning.</summary>
    public bool KeepsTurns { get; set; }

    /// <summary>Whether there is an episode.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the episode has ended.</summary>
    public bool IsDone { get; set; }

    /// <summary>Whether the episode shows what came of an answer before it ends.</summary>
    public bool IsAnswered => task.AsksOnce && Episode.Attempts.Count > 0;

    /// <summary>The true reward of the last step, whatever is disclosed.</summary>
    public double TrueReward { get; set; }

    /// <summary>The outcome hash of the last step, whatever is disclosed.</summary>
    public ulong TrueOutcomeHash { get; set; }

    /// <summary>Forgets the outcome of the answer before.</summary>
    public void ClearOutcome() => HasOutcome = IsSettled = false;

    /// <summary>Puts the settled world of the last answer where observations find it.</summary>
    /// <param name="world">Copied; null: the answer moves nothing.</param>
    public void SetOutcome(World? world)
    {
        (HasOutcome, IsSettled) = (world is not null, true);
        if (world is not null)
        {
            Outcome.CopyFrom(world);
        }
    }

    /// <summary>Makes this slot equal to another that waits for nothing.</summary>
    public void CopyFrom(Slot other)
    {
        Options = other.Options;
        Episode.CopyFrom(other.Episode);
        Context.Begin(Episode, other.Context.Answer);
        (IsOpen, IsDone, KeepsTurns) = (other.IsOpen, other.IsDone, other.KeepsTurns);
        ClearOutcome();
        if ((other.IsDone || other.IsAnswered) && other.IsSettled)
        {
            SetOutcome(other.HasOutcome ? other.Outcome : null);
        }

        Stream = other.Stream;
        (SceneBuilder, Phase, TrueReward, TrueOutcomeHash) = (null, AnswerPhase.Idle, 0, 0);
    }

    /// <summary>The next seed of a slot's own stream.</summary>
    public static ulong NextSeed(ref RandomStream stream, Split split)
    {
        var bits = stream.NextBits();

        return split == Split.Heldout ? bits : bits >> 16;   // 48 bits: the range of open seeds
    }
}
