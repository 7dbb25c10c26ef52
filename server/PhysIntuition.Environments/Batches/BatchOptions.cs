namespace PhysIntuition.Environments.Batches;

/// <summary>When a finished episode gives way to the next, as Gymnasium 1.x defines it.</summary>
public enum AutoresetMode
{
    /// <summary>The step after a finished one ignores its action, resets, and pays 0.</summary>
    NextStep,

    /// <summary>The finishing step resets at once; the finished episode stays readable as the final one.</summary>
    SameStep,

    /// <summary>Nothing resets by itself; stepping a finished episode is an error.</summary>
    Disabled,
}

/// <summary>How a batch is set up.</summary>
public sealed record BatchOptions
{
    /// <summary>Most slots in one batch.</summary>
    public const int MaxSlots = 65_536;

    /// <summary>Episodes side by side, in [1, <see cref="MaxSlots"/>].</summary>
    public int Slots { get; init; } = 1;

    /// <summary>The task's options for slots that are not given their own; null takes the defaults.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>Where scenes come from.</summary>
    public Split Split { get; init; }

    /// <summary>When finished episodes give way.</summary>
    public AutoresetMode Autoreset { get; init; }

    /// <summary>What is shown of an ended episode.</summary>
    public TerminalView Outcome { get; init; }

    /// <summary>What the caller may learn; held-out scenes are always withheld.</summary>
    public Disclosure Disclosure { get; init; }

    /// <summary>Seeds the slots' streams until a reset brings a seed.</summary>
    public ulong Seed { get; init; }
}
