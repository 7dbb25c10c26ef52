namespace PhysIntuition.Simulation;

/// <summary>Counter-based randomness: a pure function of seed, stream and how many numbers were drawn.</summary>
/// <remarks>
/// The bits are SplitMix64's finaliser over a Weyl sequence (Steele, Lea, Flood: Fast Splittable
/// Pseudorandom Number Generators, OOPSLA 2014). Copying the struct forks the stream.
/// </remarks>
public struct RandomStream
{
    private const ulong Golden = 0x9E3779B97F4A7C15;   // 2^64 / golden ratio, odd: visits every state

    private readonly ulong _key;
    private ulong _counter;

    /// <summary>A stream of its own for each (seed, stream) pair.</summary>
    /// <param name="seed">The episode's seed.</param>
    /// <param name="stream">What the numbers are for; different streams are independent.</param>
    public RandomStream(ulong seed, ulong stream = 0)
    {
        _key = Mix(Mix(seed + Golden) ^ (stream * 0xD1B54A32D192ED03));
        _counter = 0;
    }

    /// <summary>64 uniform bits.</summary>
    public ulong NextBits() => Mix(_key + (++_counter * Golden));

    /// <summary>Uniform in [0, 1) on a grid of 2^-24, so the float is exact.</summary>
    public float NextFloat() => (NextBits() >> 40) * (1f / 16777216f);

    /// <summary>Uniform in [min, max).</summary>
    public float NextFloat(float min, float max) => min + ((max - min) * NextFloat());

    /// <summary>Uniform integer in [min, max).</summary>
    public int NextInt(int min, int max) =>
        min + (int)Math.BigMul((ulong)(uint)(max - min), NextBits(), out _);

    /// <summary>Shuffles in place (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = NextInt(0, i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
