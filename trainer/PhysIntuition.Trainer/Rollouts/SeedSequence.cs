namespace PhysIntuition.Trainer.Rollouts;

/// <summary>Seeds of draws as a function of where in a run they are made.</summary>
internal static class SeedSequence
{
    /// <summary>The seed of one generation.</summary>
    /// <param name="seed">The run's.</param>
    /// <param name="step">From 0 on.</param>
    /// <param name="microBatch">Number of the micro batch in the step, over all processes.</param>
    /// <param name="turn">From 0 on.</param>
    public static ulong Seed(ulong seed, long step, int microBatch, int turn) =>
        (seed * 0x9E3779B97F4A7C15) + (ulong)step   // odd multiplier: seeds of two runs share no steps
            + ((ulong)microBatch << 40) + ((ulong)turn << 56);
}
