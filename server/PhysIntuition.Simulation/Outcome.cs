namespace PhysIntuition.Simulation;

/// <summary>Why a simulation ended.</summary>
public enum Ending
{
    /// <summary>Every body came to rest where it had not fallen.</summary>
    Settled,

    /// <summary>At least one body fell; either the run stopped there or all came to rest afterwards.</summary>
    Fell,

    /// <summary>At least one body dropped below the floor limit, off a table for example.</summary>
    Left,

    /// <summary>Something still moved when the time was over.</summary>
    TimedOut,
}

/// <summary>How one world ended.</summary>
/// <param name="Ending">Why the run ended.</param>
/// <param name="Time">When that was decided, s of simulated time.</param>
/// <param name="FallenBodies">Bit i: body i's centre dropped more than <see cref="SettleOptions.FallDrop"/>.</param>
/// <param name="MovedBodies">Bit i: body i ended further than <see cref="SettleOptions.MovedDistance"/> away.</param>
public readonly record struct Outcome(Ending Ending, float Time, ulong FallenBodies, ulong MovedBodies);

/// <summary>When a run ends and what counts as fallen.</summary>
public sealed record SettleOptions
{
    /// <summary>Longest simulated time, s, in [0, 3600]; at least one engine step is run.</summary>
    public float MaxTime { get; init; } = 5f;

    /// <summary>A body whose centre drops by more than this has fallen, m, in [0, 1000].</summary>
    public float FallDrop { get; init; } = 0.05f;

    /// <summary>A body that ends further than this from its start has moved, m, in [0, 1000].</summary>
    public float MovedDistance { get; init; } = 0.02f;

    /// <summary>End a world at its first fall: enough for a yes or no, and faster.</summary>
    public bool StopAtFirstFall { get; init; }

    /// <summary>A body below this height has left and stays there, m, in [-10⁶, 1000].</summary>
    public float FloorLimit { get; init; } = -10f;
}
