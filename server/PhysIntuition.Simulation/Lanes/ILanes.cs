namespace PhysIntuition.Simulation.Lanes;

/// <summary>A packet of independent 32-bit floats; a kernel is written once over it.</summary>
/// <remarks>
/// Every operation is IEEE-exact or a bit selection, so each lane gives the same bits at every width.
/// Masks are lanes too: opaque, made by comparisons, read only by the mask operations.
/// <c>Min</c> and <c>Max</c> return <c>b</c> when the operands compare equal or unordered, as SSE does.
/// </remarks>
/// <typeparam name="V">The implementing type itself.</typeparam>
public interface ILanes<V> where V : unmanaged, ILanes<V>
{
    /// <summary>Number of lanes: 1, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>All lanes zero; as a mask, no lane set.</summary>
    static abstract V Zero { get; }

    /// <summary>The same number in every lane.</summary>
    static abstract V Splat(float value);

    /// <summary>Reads <see cref="Count"/> consecutive floats; no alignment is required.</summary>
    static abstract unsafe V Load(float* source);

    /// <summary>Writes <see cref="Count"/> consecutive floats; no alignment is required.</summary>
    static abstract unsafe void Store(V value, float* destination);

    /// <summary>Sum.</summary>
    static abstract V operator +(V a, V b);

    /// <summary>Difference.</summary>
    static abstract V operator -(V a, V b);

    /// <summary>Sign flipped, also of zero.</summary>
    static abstract V operator -(V a);

    /// <summary>Product.</summary>
    static abstract V operator *(V a, V b);

    /// <summary>Quotient, correctly rounded.</summary>
    static abstract V operator /(V a, V b);

    /// <summary><c>a * b + c</c>, rounded once.</summary>
    static abstract V Fma(V a, V b, V c);

    /// <summary><c>a . (x, y, z) + c</c> with three packets at <c>a</c>, summed from the last component on.</summary>
    static virtual unsafe V Dot(V* a, V x, V y, V z, V c) => V.Fma(a[0], x, V.Fma(a[1], y, V.Fma(a[2], z, c)));

    /// <summary><c>a . (x, y, z)</c> with three packets at <c>a</c>, summed from the last component on.</summary>
    static virtual unsafe V Dot(V* a, V x, V y, V z) => V.Fma(a[0], x, V.Fma(a[1], y, a[2] * z));

    /// <summary>Adds <c>a * s</c> to <c>(x, y, z)</c> with three packets at <c>a</c>, each rounded once.</summary>
    /// <remarks>
    /// These three are one operation each in the wide types: the compiler inlines no further in a method with 512
    /// local variables, and each operation of a packet makes some.
    /// </remarks>
    static virtual unsafe void Add(V* a, V s, ref V x, ref V y, ref V z)
    {
        x = V.Fma(a[0], s, x);
        y = V.Fma(a[1], s, y);
        z = V.Fma(a[2], s, z);
    }

    /// <summary>The smaller operand; <c>b</c> if equal or unordered.</summary>
    static abstract V Min(V a, V b);

    /// <summary>The larger operand; <c>b</c> if equal or unordered.</summary>
    static abstract V Max(V a, V b);

    /// <summary>Magnitude.</summary>
    static abstract V Abs(V a);

    /// <summary>Square root, correctly rounded.</summary>
    static abstract V Sqrt(V a);

    /// <summary>Largest integer not above.</summary>
    static abstract V Floor(V a);

    /// <summary>Magnitude of the first with the sign of the second.</summary>
    static abstract V CopySign(V magnitude, V sign);

    /// <summary>Mask of <c>a &gt; b</c>; false where unordered.</summary>
    static abstract V Greater(V a, V b);

    /// <summary>Mask of <c>a &lt; b</c>; false where unordered.</summary>
    static abstract V Less(V a, V b);

    /// <summary>Lanes set in both masks.</summary>
    static abstract V And(V m, V n);

    /// <summary>Lanes set in either mask.</summary>
    static abstract V Or(V m, V n);

    /// <summary>Lanes set in <c>m</c> and not in <c>n</c>.</summary>
    static abstract V AndNot(V m, V n);

    /// <summary>Lanes not set.</summary>
    static abstract V Not(V m);

    /// <summary><c>a</c> where the mask is set, <c>b</c> elsewhere.</summary>
    static abstract V Select(V mask, V a, V b);

    /// <summary>Writes the lanes that the mask sets side by side, in order; what follows them is undefined.</summary>
    /// <remarks>The target has room for <see cref="Count"/> floats whatever the mask.</remarks>
    static virtual unsafe void Compress(V mask, V value, float* target)
    {
        for (var rest = V.Bits(mask); rest != 0; rest &= rest - 1)
        {
            *target++ = ((float*)&value)[System.Numerics.BitOperations.TrailingZeroCount(rest)];
        }
    }

    /// <summary>Whether at least one lane is set.</summary>
    static abstract bool Any(V mask);

    /// <summary>Bit <c>i</c> tells whether lane <c>i</c> is set.</summary>
    static abstract uint Bits(V mask);

    /// <summary>Mask with lane <c>i</c> set where bit <c>i</c> is.</summary>
    static abstract V FromBits(uint bits);
}
