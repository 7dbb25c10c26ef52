using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>A zlib stream of one deflate block: literals, and runs of zeros as matches at distance one.</summary>
/// <remarks>
/// Made for filtered pictures, where flat surfaces become zeros and the rest is noise that a match search does not
/// shorten. Own code and not the runtime's zlib, whose output depends on its version and on the processor.
/// Reference: RFC 1950; RFC 1951, sections 3.2.5 (lengths) and 3.2.7 (dynamic codes).
/// </remarks>
internal static unsafe class RunDeflate
{
    private const int Symbols = 286, EndOfBlock = 256;
    private const int ShortestRun = 8, LongestRun = 258;   // bytes
    private const uint AdlerModulus = 65521;               // largest prime below 2^16
    private const int AdlerBlock = 5552;                   // bytes after which the 32-bit sums could overflow

    /// <summary>Most bytes that this many can become.</summary>
    public static int MaxBytes(int length) => (length / 2 * 3) + 256;

    /// <summary>Writes the stream; returns its length in bytes.</summary>
    /// <param name="data">Readable for 8 bytes beyond its length.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="target">Room for <see cref="MaxBytes"/>.</param>
    public static int Write(byte* data, int length, byte* target)
    {
        Span<int> counts = stackalloc int[Symbols];
        Span<byte> lengths = stackalloc byte[Symbols];
        Span<ushort> codes = stackalloc ushort[Symbols];
        Count(data, length, counts);
        HuffmanCode.FindLengths(counts, lengths);
        HuffmanCode.FindCodes(lengths, codes);
        var table = stackalloc uint[Symbols];   // code in the low half, its length in the high one
        for (var i = 0; i < Symbols; i++)
        {
            table[i] = codes[i] | ((uint)lengths[i] << 16);
        }

        target[0] = 0x78;   // zlib, window of 32 KiB
        target[1] = 0x01;   // fastest; makes the header a multiple of 31
        var bits = new BitWriter(target + 2);
        WriteHeader(lengths, ref bits);
        WriteBody(data, length, table, ref bits);
        var end = bits.Finish();
        BinaryPrimitives.WriteUInt32BigEndian(new(end, sizeof(uint)), Adler(new(data, length)));
        return (int)(end - target) + sizeof(uint);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Count(byte* data, int length, Span<int> counts)
    {
        // Four tables, so that equal neighbours do not wait for one another's increments.
        var tables = stackalloc int[4 * 256];
        new Span<int>(tables, 4 * 256).Clear();
        counts.Clear();
        var i = 0;
        while (i + 8 <= length)
        {
            var word = *(ulong*)(data + i);
            if (word == 0 && i > 0 && data[i - 1] == 0)
            {
                var run = RunFrom(data, i, length);
                counts[SymbolOf(run)]++;
                i += run;
                continue;
            }

            for (var half = 0; half < 2; half++, word >>= 32)
            {
                tables[(byte)word]++;
                tables[256 + (byte)(word >> 8)]++;
                tables[512 + (byte)(word >> 16)]++;
                tables[768 + (byte)(word >> 24)]++;
            }

            i += 8;
        }

        for (; i < length; i++)
        {
            tables[data[i]]++;
        }

        for (var value = 0; value < 256; value++)
        {
            counts[value] += tables[value] + tables[256 + value] + tables[512 + value] + tables[768 + value];
        }

        counts[EndOfBlock] = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteBody(byte* data, int length, uint* table, ref BitWriter target)
    {
        var bits = target;
        var i = 0;
        while (i + 8 <= length)
        {
            var word = *(ulong*)(data + i);
            if (word == 0 && i > 0 && data[i - 1] == 0)
            {
                var run = RunFrom(data, i, length);
                WriteRun(run, table, ref bits);
                i += run;
                continue;
            }

            BitWriter.JoinFour(table, (uint)word, out var first, out var ofFirst);
            BitWriter.JoinFour(table, (uint)(word >> 32), out var second, out var ofSecond);
            if (ofFirst + ofSecond <= BitWriter.Room)   // nearly always: short codes are those of frequent bytes
            {
                bits.PutJoined(first | (second << ofFirst), ofFirst + ofSecond);
            }
            else
            {
                bits.PutJoined(first, ofFirst);
                bits.Flush();
                bits.PutJoined(second, ofSecond);
            }

            bits.Flush();
            i += 8;
        }

        for (; i < length; i++)
        {
            bits.Put(table[data[i]]);
            bits.Flush();
        }

        bits.Put(table[EndOfBlock]);
        target = bits;
    }

    // Reads at most seven bytes beyond the data.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int RunFrom(byte* data, int start, int length)
    {
        var limit = Math.Min(length - start, LongestRun);
        for (var run = ShortestRun; run < limit; run += 8)
        {
            var word = *(ulong*)(data + start + run);
            if (word != 0)
            {
                return Math.Min(run + (BitOperations.TrailingZeroCount(word) >> 3), limit);
            }
        }

        return limit;
    }

    private static void WriteRun(int run, uint* table, ref BitWriter bits)
    {
        var symbol = SymbolOf(run);
        bits.Put(table[symbol]);
        if (run < LongestRun)
        {
            var extra = ExtraBits(run);
            bits.Put((uint)((run - 3) & ((1 << extra) - 1)) | ((uint)extra << 16));
        }

        bits.Put(1u << 16);   // distance one: the only distance code, a single 0
        bits.Flush();
    }

    // Lengths 3 to 10 have a symbol each; from 11 on four symbols share each power of two; 258 has its own.
    private static int SymbolOf(int run)
    {
        if (run == LongestRun)
        {
            return 285;
        }

        var extra = ExtraBits(run);
        return 257 + (4 * extra) + ((run - 3) >> extra);
    }

    private static int ExtraBits(int run) => run < 11 ? 0 : BitOperations.Log2((uint)(run - 3)) - 2;

    // Final block with its own codes; code lengths 0 to 15 are sent plainly in four bits each.
    private static void WriteHeader(ReadOnlySpan<byte> lengths, ref BitWriter bits)
    {
        bits.Put(0b101u | (3u << 16));
        bits.Put((Symbols - 257) | (5u << 16));
        bits.Put(5u << 16);                          // one distance code
        bits.Put((19u - 4) | (4u << 16));
        bits.Flush();
        ReadOnlySpan<byte> order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        foreach (var symbol in order)
        {
            bits.Put((symbol < 16 ? 4u : 0u) | (3u << 16));
            bits.Flush();
        }

        foreach (var length in lengths)
        {
            PutLength(length, ref bits);
        }

        PutLength(1, ref bits);                      // of the distance code
    }

    private static void PutLength(int length, ref BitWriter bits)
    {
        var reversed = ((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | ((length & 8) >> 3);
        bits.Put((uint)reversed | (4u << 16));
        bits.Flush();
    }

    /// <summary>Adler-32 as zlib has it.</summary>
    /// <remarks>
    /// a sums the bytes, b sums the a's; over a group of n bytes b grows by n a + n d_1 + ... + 1 d_n, and the
    /// second part is a weighted sum that has no order.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static uint Adler(ReadOnlySpan<byte> data)
    {
        uint a = 1, b = 0;
        while (!data.IsEmpty)
        {
            var block = data[..Math.Min(AdlerBlock, data.Length)];
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

            a %= AdlerModulus;
            b %= AdlerModulus;
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

    /// <summary>Collects bits, least significant first.</summary>
    private struct BitWriter(byte* target)
    {
        /// <summary>Bits that fit behind the seven that may wait; a whole word cannot be shifted out.</summary>
        public const int Room = 56;

        private byte* _target = target;
        private ulong _waiting;
        private int _count;

        /// <summary>Appends bits: value in the low half, count in the high; at most 57 per flush.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Put(uint valueAndCount)
        {
            _waiting |= (ulong)(valueAndCount & 0xFFFF) << _count;
            _count += (int)(valueAndCount >> 16);
        }

        /// <summary>Appends bits that are joined already.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void PutJoined(ulong value, int count)
        {
            _waiting |= value << _count;
            _count += count;
        }

        /// <summary>Joins the codes of four bytes, so that only one step waits for the last.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static void JoinFour(uint* table, uint bytes, out ulong joined, out int count)
        {
            uint a = table[(byte)bytes], b = table[(byte)(bytes >> 8)];
            uint c = table[(byte)(bytes >> 16)], d = table[bytes >> 24];
            int ofA = (int)(a >> 16), ofC = (int)(c >> 16), ofBoth = ofA + (int)(b >> 16);
            var first = (a & 0xFFFF) | ((ulong)(b & 0xFFFF) << ofA);
            var second = (c & 0xFFFF) | ((ulong)(d & 0xFFFF) << ofC);
            joined = first | (second << ofBoth);
            count = ofBoth + ofC + (int)(d >> 16);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Flush()
        {
            *(ulong*)_target = _waiting;
            var bytes = _count >> 3;
            _target += bytes;
            _waiting >>= bytes * 8;
            _count &= 7;
        }

        public byte* Finish()
        {
            Flush();
            return _count > 0 ? _target + 1 : _target;
        }
    }
}

/// <summary>A prefix code of limited length, made from counts; equal counts give equal codes everywhere.</summary>
internal static class HuffmanCode
{
    /// <summary>Longest code, bits: four of them and seven waiting bits fit into 64.</summary>
    public const int MaxLength = 12;

    private const int SymbolBits = 9;   // a sort key is (count, symbol), so that ties have one order

    /// <summary>Finds the code length of each symbol; 0 where the count is 0.</summary>
    /// <remarks>
    /// Two queues over the sorted leaves (van Leeuwen's method) make the tree. Codes longer than the limit are cut,
    /// then others lengthened until Kraft's sum is 1 again.
    /// </remarks>
    public static void FindLengths(ReadOnlySpan<int> counts, Span<byte> lengths)
    {
        lengths.Clear();
        Span<long> keys = stackalloc long[counts.Length];
        var leaves = 0;
        for (var symbol = 0; symbol < counts.Length; symbol++)
        {
            if (counts[symbol] > 0)
            {
                keys[leaves++] = ((long)counts[symbol] << SymbolBits) | (uint)symbol;
            }
        }

        keys = keys[..leaves];
        if (leaves == 1)
        {
            lengths[(int)(keys[0] & ((1 << SymbolBits) - 1))] = 1;
            return;
        }

        keys.Sort();
        Span<int> perLength = stackalloc int[MaxLength + 1];
        CountLengths(keys, perLength);
        Repair(perLength);

        // The rarest symbols get the longest codes.
        var next = 0;
        for (var length = MaxLength; length > 0; length--)
        {
            for (var i = 0; i < perLength[length]; i++)
            {
                lengths[(int)(keys[next++] & ((1 << SymbolBits) - 1))] = (byte)length;
            }
        }
    }

    /// <summary>Canonical codes for lengths, bits reversed as deflate wants them.</summary>
    public static void FindCodes(ReadOnlySpan<byte> lengths, Span<ushort> codes)
    {
        Span<int> next = stackalloc int[MaxLength + 2];
        next.Clear();
        foreach (var length in lengths)
        {
            if (length > 0)
            {
                next[length + 1]++;
            }
        }

        for (var length = 1; length <= MaxLength; length++)
        {
            next[length] = (next[length - 1] + next[length]) << 1;
        }

        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            int length = lengths[symbol];
            codes[symbol] = length == 0 ? (ushort)0 : Reverse(next[length]++, length);
        }
    }

    private static void CountLengths(ReadOnlySpan<long> keys, Span<int> perLength)
    {
        var leaves = keys.Length;
        Span<long> weights = stackalloc long[2 * leaves];
        Span<int> parents = stackalloc int[2 * leaves];
        Span<int> depths = stackalloc int[2 * leaves];
        for (var i = 0; i < leaves; i++)
        {
            weights[i] = keys[i] >> SymbolBits;
        }

        int leaf = 0, inner = leaves;
        for (var node = leaves; node < (2 * leaves) - 1; node++)
        {
            weights[node] = 0;
            for (var child = 0; child < 2; child++)
            {
                var isLeaf = leaf < leaves && (inner >= node || weights[leaf] <= weights[inner]);
                var taken = isLeaf ? leaf++ : inner++;
                weights[node] += weights[taken];
                parents[taken] = node;
            }
        }

        perLength.Clear();
        depths[(2 * leaves) - 2] = 0;
        for (var node = (2 * leaves) - 3; node >= 0; node--)
        {
            depths[node] = depths[parents[node]] + 1;
            if (node < leaves)
            {
                perLength[Math.Min(depths[node], MaxLength)]++;
            }
        }
    }

    // Each step takes one code off the longest and splits a shorter one: Kraft's sum falls by one unit.
    private static void Repair(Span<int> perLength)
    {
        var kraft = 0;
        for (var length = 1; length <= MaxLength; length++)
        {
            kraft += perLength[length] << (MaxLength - length);
        }

        for (; kraft > 1 << MaxLength; kraft--)
        {
            var length = MaxLength - 1;
            while (perLength[length] == 0)
            {
                length--;
            }

            perLength[length]--;
            perLength[length + 1] += 2;
            perLength[MaxLength]--;
        }
    }

    private static ushort Reverse(int code, int length)
    {
        var reversed = 0;
        for (var bit = 0; bit < length; bit++)
        {
            reversed |= ((code >> bit) & 1) << (length - 1 - bit);
        }

        return (ushort)reversed;
    }
}
