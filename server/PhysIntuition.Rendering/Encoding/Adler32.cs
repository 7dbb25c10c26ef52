using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>Adler-32 as zlib has it.</summary>
/// <remarks>
/// a sums the bytes, b sums the a's; over a group of n bytes b grows by n a + n d_1 + ... + 1 d_n, and the
/// second part is a weighted sum that has no order. Reference: RFC 1950, section 9.
/// </remarks>
internal static class Adler32
{
    private const uint Modulus = 65521;   // largest prime below 2^16
    private const int Block = 5552;       // bytes after which the 32-bit sums could overflow

    /// <summary>The checksum of these bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Of(ReadOnlySpan<byte> data)
    {
        uint a = 1, b = 0;
        while (!data.IsEmpty)
        {
            var block = data[..Math.Min(Block, data.Length)];
            var rest = block[AddWide(block, ref a, ref b)..];
            var words = MemoryMarshal.Cast<byte, ulong>(rest);
            foreach (var word in words)
            {
                // Bytes 0, 2, 4, 6 and 1, 3, 5, 7, each in 16 bits; the products gather their sums at the top.
                ulong even = word & 0x00FF00FF00FF00FF, odd = (word >> 8) & 0x00FF00FF00FF00FF;
                b += (a * 8) + (uint)((even * 0x0008000600040002) >> 48) + (uint)((odd * 0x0007000500030001) >> 48);
                a += (uint)(((even + odd) * 0x0001000100010001) >> 48);
            }

            foreach (var value in rest[(words.Length * 8)..])
            {
                a += value;
                b += a;
            }

            a %= Modulus;
            b %= Modulus;
            data = data[block.Length..];
        }

        return (b << 16) | a;
    }

    // The same over 32 bytes at a time, where the machine can; returns the bytes done.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddWide(ReadOnlySpan<byte> block, ref uint a, ref uint b)
    {
        if (!Avx2.IsSupported)
        {
            return 0;
        }

        var weights = Vector256.Create(
            32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5,
            4, 3, 2, (sbyte)1);
        var groups = MemoryMarshal.Cast<byte, Vector256<byte>>(block);
        Vector256<uint> sums = default, before = default, weighted = default;
        foreach (var group in groups)
        {
            before += sums;
            sums += Avx2.SumAbsoluteDifferences(group, Vector256<byte>.Zero).AsUInt32();
            weighted += Avx2.MultiplyAddAdjacent(
                Avx2.MultiplyAddAdjacent(group, weights), Vector256<short>.One).AsUInt32();
        }

        b += (32 * a * (uint)groups.Length) + (32 * Vector256.Sum(before)) + Vector256.Sum(weighted);
        a += Vector256.Sum(sums);
        return 32 * groups.Length;
    }
}
