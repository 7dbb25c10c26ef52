using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>PNG's row filters: what is left of a row after its left or upper neighbours are taken off.</summary>
internal static class RowFilter
{
    private const byte Left = 1, Above = 2;   // filter types of the PNG specification, 9.2
    private const int Turns = 255;            // each adds at most 2 x 128 to a 16-bit sum

    /// <summary>Filters one row by whichever of left and above leaves less; both wrap modulo 256.</summary>
    /// <param name="row">The row's bytes.</param>
    /// <param name="above">The row over it; empty for the first.</param>
    /// <param name="bytesPerPixel">1 or 3.</param>
    /// <param name="target">Filter type, then the filtered bytes: one longer than the row.</param>
    /// <param name="other">Room for the loser, as long as the row.</param>
    public static void Apply(
        ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int bytesPerPixel, Span<byte> target, Span<byte> other)
    {
        var body = target[1..];
        row[..bytesPerPixel].CopyTo(body);
        var cost = Weight(body[..bytesPerPixel])
            + Subtract(row[bytesPerPixel..], row[..^bytesPerPixel], body[bytesPerPixel..]);
        target[0] = Left;
        if (!above.IsEmpty && Subtract(row, above, other) <= cost)
        {
            other[..row.Length].CopyTo(body);
            target[0] = Above;
        }
    }

    // Sum of |residual|, residuals read as signed: small sums make short codes.
    private static int Subtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> target)
    {
        var cost = Avx2.IsSupported
            ? SubtractByGroups(a, b, target, out var done)
            : SubtractByVectors(a, b, target, out done);
        for (var i = done; i < a.Length; i++)
        {
            target[i] = (byte)(a[i] - b[i]);
            cost += Math.Abs((int)(sbyte)target[i]);
        }

        return cost;
    }

    // One instruction sums 32 bytes.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SubtractByGroups(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> target, out int done)
    {
        var groupsOfA = MemoryMarshal.Cast<byte, Vector256<byte>>(a);
        var groupsOfB = MemoryMarshal.Cast<byte, Vector256<byte>>(b);
        var groupsOfTarget = MemoryMarshal.Cast<byte, Vector256<byte>>(target);
        var sums = Vector256<ulong>.Zero;
        for (var i = 0; i < groupsOfA.Length; i++)
        {
            var residual = groupsOfA[i] - groupsOfB[i];
            groupsOfTarget[i] = residual;
            sums += Avx2.SumAbsoluteDifferences(Vector256.Min(residual, -residual), Vector256<byte>.Zero).AsUInt64();
        }

        done = groupsOfA.Length * Vector256<byte>.Count;
        return (int)Vector256.Sum(sums);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SubtractByVectors(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> target, out int done)
    {
        var wideA = MemoryMarshal.Cast<byte, Vector<byte>>(a);
        var wideB = MemoryMarshal.Cast<byte, Vector<byte>>(b);
        var wideTarget = MemoryMarshal.Cast<byte, Vector<byte>>(target);
        var cost = 0;
        for (var i = 0; i < wideA.Length;)
        {
            var sums = Vector<ushort>.Zero;
            for (var end = Math.Min(i + Turns, wideA.Length); i < end; i++)
            {
                var residual = wideA[i] - wideB[i];
                wideTarget[i] = residual;
                Vector.Widen(Vector.Min(residual, -residual), out var low, out var high);
                sums += low + high;
            }

            for (var lane = 0; lane < Vector<ushort>.Count; lane++)
            {
                cost += sums[lane];
            }
        }

        done = wideA.Length * Vector<byte>.Count;
        return cost;
    }

    private static int Weight(ReadOnlySpan<byte> residuals)
    {
        var cost = 0;
        foreach (var residual in residuals)
        {
            cost += Math.Abs((int)(sbyte)residual);
        }

        return cost;
    }
}
