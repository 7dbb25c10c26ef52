using PhysIntuition.Environments.Options;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Datasets;

/// <summary>Which episode is filmed, and how.</summary>
public sealed record FilmOptions
{
    private const long MaxBytes = 1L << 30;   // of all frames in memory

    /// <summary>The split, and perhaps a suite. Held-out scenes are never filmed.</summary>
    public SplitChoice Choice { get; init; } = new(Split.Train, null);

    /// <summary>The task's options; null takes the defaults.</summary>
    public TaskOptions? Task { get; init; }

    /// <summary>Of the scene.</summary>
    public ulong Seed { get; init; }

    /// <summary>An answer as a player writes it; null takes the expert's.</summary>
    public string? Answer { get; init; }

    /// <summary>s of simulated time, in (0, 20].</summary>
    public float Seconds { get; init; } = 4f;

    /// <summary>1 to 60.</summary>
    public int FramesPerSecond { get; init; } = 30;

    /// <summary>Pixels a side, 16 to 1024.</summary>
    public int Side { get; init; } = 224;

    /// <summary>Frames of the question that come first: half a second.</summary>
    internal int LeadFrames => FramesPerSecond / 2;

    /// <summary>Frames of the whole film.</summary>
    public int Frames => LeadFrames + Math.Max(1, (int)(Seconds * FramesPerSecond));

    internal void Check()
    {
        Require(Choice.Split != Split.Heldout, Fault.NotAllowed, "split", "heldout",
            "what comes of held-out scenes is withheld. Film train, val or test");
        Require(Seconds is > 0f and <= 20f, Fault.InvalidArgument, "seconds", Seconds,
            "it must lie in (0, 20]. Take 4");
        Require(FramesPerSecond is >= 1 and <= 60, Fault.InvalidArgument, "fps", FramesPerSecond,
            "it must lie in [1, 60]. Take 30");
        Require(Side is >= 16 and <= 1024, Fault.InvalidArgument, "size", Side, "it must lie in [16, 1024]. Take 224");
        Require((long)Frames * Side * Side * 3 <= MaxBytes, Fault.InvalidArgument, "size", Side,
            $"{Frames} frames of it have more than {MaxBytes} bytes. Film fewer seconds or smaller frames");
    }

    private static void Require(bool isMet, Fault fault, string field, object value, string rule)
    {
        if (!isMet)
        {
            throw new PhysIntuitionException(fault, field, FormattableString.Invariant(
                $"'{field}' is {value}; {rule}."));
        }
    }
}
