using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>PNG's row filters: what is left of a row after its left or upper neighbours are taken off.</summary>
internal static class RowFilter
{
    private const byte Left = 1, Above = 2;   // filter types of the PNG specification, 9.2
    private const int Turns = 255;            // each adds at most 2 x 128 to a 16-bit sum

    // From its place 32 - n on: a vector whose first n lanes are off.
    private static ReadOnlySpan<byte> LastLanes =>
    [
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    ];

    /// <summary>Filters one row by whichever of left and above leaves less; both wrap modulo 256.</summary>
    /// <param name="row">The row's bytes.</param>
    /// <param name="above">The row over it; empty for the first.</param>
    /// <param name="bytesPerPixel">1 or 3.</param>
    /// <param name="target">Filter type, then the filtered bytes: one longer than the row.</param>
    public static void Apply(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int bytesPerPixel, Span<byte> target)
    {
        var body = target.Slice(1, row.Length);
        if (!above.IsEmpty && IsNearerAbove(row, above[..row.Length], bytesPerPixel))
        {
            target[0] = Above;
            Subtract(row, above, body);
        }
        else
        {
            target[0] = Left;
            row[..bytesPerPixel].CopyTo(body);
            Subtract(row[bytesPerPixel..], row, body[bytesPerPixel..]);
        }
    }

    private static bool IsNearerAbove(ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int bytesPerPixel)
    {
        int byLeft = 0, byAbove = 0, head = bytesPerPixel;
        for (var i = 0; i < head; i++)
        {
            byLeft += Math.Abs((int)(sbyte)row[i]);
            byAbove += Math.Abs((int)(sbyte)(row[i] - above[i]));
        }

        if (Avx2.IsSupported && row.Length >= head + Vector256<byte>.Count)
        {
            AddSizes(row, above, head, ref byLeft, ref byAbove);
        }
        else
        {
            byLeft += SizeOf(row[head..], row);
            byAbove += SizeOf(row[head..], above[head..]);
        }

        return byAbove <= byLeft;
    }

    // Of both filters behind the first pixel, 32 bytes at a time; one instruction sums them.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddSizes(
        ReadOnlySpan<byte> row, ReadOnlySpan<byte> above, int bytesPerPixel, ref int byLeft, ref int byAbove)
    {
        ref byte own = ref MemoryMarshal.GetReference(row), over = ref MemoryMarshal.GetReference(above);
        Vector256<ulong> left = default, upper = default;
        int i = bytesPerPixel, last = row.Length - Vector256<byte>.Count;
        for (; i <= last; i += Vector256<byte>.Count)
        {
            var bytes = Vector256.LoadUnsafe(in own, (nuint)i);
            left += Sizes(bytes - Vector256.LoadUnsafe(in own, (nuint)(i - bytesPerPixel)));
            upper += Sizes(bytes - Vector256.LoadUnsafe(in over, (nuint)i));
        }

        if (i < row.Length)   // the end, together with bytes that are counted already
        {
            var lanes = Vector256.LoadUnsafe(in MemoryMarshal.GetReference(LastLanes), (nuint)(row.Length - i));
            var bytes = Vector256.LoadUnsafe(in own, (nuint)last);
            left += Sizes((bytes - Vector256.LoadUnsafe(in own, (nuint)(last - bytesPerPixel))) & lanes);
            upper += Sizes((bytes - Vector256.LoadUnsafe(in over, (nuint)last)) & lanes);
        }

        byLeft += (int)Vector256.Sum(left);
        byAbove += (int)Vector256.Sum(upper);
    }

    // Residuals read as signed: small sums make short codes.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<ulong> Sizes(Vector256<byte> residuals) =>
        Avx2.SumAbsoluteDifferences(Avx2.Abs(residuals.AsSByte()), Vector256<byte>.Zero).AsUInt64();

    // The same sum of one filter, anywhere.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int SizeOf(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
    {
        var wideA = MemoryMarshal.Cast<byte, Vector<byte>>(a);
        var wideB = MemoryMarshal.Cast<byte, Vector<byte>>(b);
        var size = 0;
        for (var i = 0; i < wideA.Length;)
        {
            var sums = Vector<ushort>.Zero;
            for (var end = Math.Min(i + Turns, wideA.Length); i < end; i++)
            {
                var residual = wideA[i] - wideB[i];
                Vector.Widen(Vector.Min(residual, -residual), out var low, out var high);
                sums += low + high;
            }

            for (var lane = 0; lane < Vector<ushort>.Count; lane++)
            {
                size += sums[lane];
            }
        }

        for (var i = wideA.Length * Vector<byte>.Count; i < a.Length; i++)
        {
            size += Math.Abs((int)(sbyte)(a[i] - b[i]));
        }

        return size;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Subtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> target)
    {
        ref byte from = ref MemoryMarshal.GetReference(a), other = ref MemoryMarshal.GetReference(b[..a.Length]);
        ref byte to = ref MemoryMarshal.GetReference(target[..a.Length]);
        var (i, last) = (0, a.Length - Vector<byte>.Count);
        while (i < a.Length && last >= 0)
        {
            i = Math.Min(i, last);   // the end may be written twice
            var residual = Vector.LoadUnsafe(ref from, (nuint)i) - Vector.LoadUnsafe(ref other, (nuint)i);
            residual.StoreUnsafe(ref to, (nuint)i);
            i += Vector<byte>.Count;
        }

        for (; i < a.Length; i++)
        {
            target[i] = (byte)(a[i] - b[i]);
        }
    }
}
