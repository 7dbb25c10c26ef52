namespace PhysIntuition.Vlm.Generation;

/// <summary>Uniform numbers as a pure function of seed, prompt, completion, and token.</summary>
internal static class UniformDraws
{
    private const double Step = 1.0 / (1L << 32);

    /// <summary>A number in [0, 1), far enough below 1 that a product with a sum stays below the sum.</summary>
    internal static double At(ulong seed, int prompt, int completion, int token)
    {
        var state = Mix(seed);
        state = Mix(state ^ (uint)prompt);
        state = Mix(state ^ ((ulong)(uint)completion << 32));
        state = Mix(state ^ (uint)token);
        return (state >> 32) * Step;
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
