using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Simulation.Bodies;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Batches;

/// <summary>What a slot is waiting for.</summary>
internal enum Phase
{
    /// <summary>Nothing.</summary>
    Idle,

    /// <summary>Simulations that decide whether a candidate becomes the next scene.</summary>
    Drafting,

    /// <summary>Simulations that decide an answer's verdict.</summary>
    Judging,
}

/// <summary>One place in a batch: its episode, its random stream, and what is under way.</summary>
/// <remarks>What a fork may never need is made when it is first needed: a fork then costs a third.</remarks>
internal sealed class Slot(TaskOptions options)
{
    /// <summary>Options of this slot's next episodes.</summary>
    public TaskOptions Options { get; set; } = options;

    /// <summary>The next scene in the making; its episode is swapped with the shown one when ready.</summary>
    public Draft Draft => field ??= new();

    /// <summary>The answer under way.</summary>
    public Turn Turn { get; } = new();

    /// <summary>The episode that the slot shows.</summary>
    public Episode Episode { get; set; } = new();

    /// <summary>Same-step mode: the episode that the last step finished.</summary>
    public Episode Final { get => field ??= new(); set; }

    /// <summary>The world after the last answer; meaningful while <see cref="HasAfter"/>.</summary>
    public World After => field ??= new();

    /// <summary>Whether <see cref="After"/> is up to date.</summary>
    public bool HasAfter { get; set; }

    /// <summary>Gives the seeds of autoresets and of resets without a seed.</summary>
    public RandomStream Stream;

    /// <summary>Whether there is an episode.</summary>
    public bool IsOpen { get; set; }

    /// <summary>Whether the episode has ended.</summary>
    public bool IsDone { get; set; }

    /// <summary>What the slot waits for.</summary>
    public Phase Phase { get; set; }

    /// <summary>The true reward of the last step, whatever is disclosed.</summary>
    public double TrueReward { get; set; }

    /// <summary>The outcome hash of the last step, whatever is disclosed.</summary>
    public ulong TrueOutcomeHash { get; set; }

    /// <summary>Makes this slot equal to another that waits for nothing.</summary>
    public void CopyFrom(Slot other)
    {
        Options = other.Options;
        Episode.CopyFrom(other.Episode);
        Turn.Begin(Episode, other.Turn.Answer);
        if (other.HasAfter)
        {
            After.CopyFrom(other.After);
        }

        Stream = other.Stream;
        (IsOpen, IsDone, HasAfter) = (other.IsOpen, other.IsDone, other.HasAfter);
        (Phase, TrueReward, TrueOutcomeHash) = (Phase.Idle, 0, 0);
    }

    /// <summary>The next seed of this slot's own.</summary>
    public ulong NextSeed(Split split)
    {
        var bits = Stream.NextBits();

        return split == Split.Heldout ? bits : bits >> 16;   // 48 bits: the range of open seeds
    }
}
