using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>The two checksums of a PNG file.</summary>
internal static class Checksums
{
    private const uint Polynomial = 0xEDB88320;   // of PNG's CRC-32, bits reversed
    private const uint AdlerModulus = 65521;      // largest prime below 2^16
    private const int AdlerBlock = 5552;          // bytes after which the 32-bit sums could overflow

    private static readonly uint[] s_table = MakeTable();

    /// <summary>CRC-32 as PNG has it, eight bytes at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = ~0u;
        var table = s_table.AsSpan();
        while (data.Length >= 8)
        {
            var v = BinaryPrimitives.ReadUInt64LittleEndian(data) ^ crc;
            crc = table[0x700 + (byte)v] ^ table[0x600 + (byte)(v >> 8)]
                ^ table[0x500 + (byte)(v >> 16)] ^ table[0x400 + (byte)(v >> 24)]
                ^ table[0x300 + (byte)(v >> 32)] ^ table[0x200 + (byte)(v >> 40)]
                ^ table[0x100 + (byte)(v >> 48)] ^ table[(byte)(v >> 56)];
            data = data[8..];
        }

        foreach (var value in data)
        {
            crc = table[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    /// <summary>Adler-32 as zlib has it.</summary>
    /// <remarks>
    /// a sums the bytes, b sums the a's; over a group of n bytes b grows by n a + n d_1 + ... + 1 d_n, and the
    /// second part is a weighted sum that has no order.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static uint Adler(ReadOnlySpan<byte> data)
    {
        uint a = 1, b = 0;
        while (!data.IsEmpty)
        {
            var block = data[..Math.Min(AdlerBlock, data.Length)];
            var words = MemoryMarshal.Cast<byte, ulong>(block);
            foreach (var word in words)
            {
                // Bytes 0, 2, 4, 6 and 1, 3, 5, 7, each in 16 bits; the products gather their sums at the top.
                ulong even = word & 0x00FF00FF00FF00FF, odd = (word >> 8) & 0x00FF00FF00FF00FF;
                b += (a * 8) + (uint)((even * 0x0008000600040002) >> 48) + (uint)((odd * 0x0007000500030001) >> 48);
                a += (uint)(((even + odd) * 0x0001000100010001) >> 48);
            }

            foreach (var value in block[(words.Length * 8)..])
            {
                a += value;
                b += a;
            }

            a %= AdlerModulus;
            b %= AdlerModulus;
            data = data[block.Length..];
        }

        return (b << 16) | a;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[8 * 256];
        for (var i = 0u; i < 256; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? Polynomial ^ (crc >> 1) : crc >> 1;
            }

            table[i] = crc;
        }

        for (var i = 256; i < table.Length; i++)
        {
            table[i] = table[(byte)table[i - 256]] ^ (table[i - 256] >> 8);
        }

        return table;
    }
}
