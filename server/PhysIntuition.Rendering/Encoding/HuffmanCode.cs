using System.Buffers.Binary;

namespace PhysIntuition.Rendering.Encoding;

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

        SortByCount(keys);
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

    // By counts' bytes, the lowest first: of equal counts the symbols stay in order, which they are in already.
    private static void SortByCount(Span<long> keys)
    {
        Span<long> sorted = stackalloc long[keys.Length];
        Span<int> places = stackalloc int[256];
        var all = 0L;
        foreach (var key in keys)
        {
            all |= key;
        }

        for (var shift = SymbolBits; all >> shift != 0; shift += 8)
        {
            places.Clear();
            foreach (var key in keys)
            {
                places[(byte)(key >> shift)]++;
            }

            var next = 0;
            foreach (ref var place in places)
            {
                (place, next) = (next, next + place);
            }

            foreach (var key in keys)
            {
                sorted[places[(byte)(key >> shift)]++] = key;
            }

            sorted.CopyTo(keys);
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
        code = ((code & 0x5555) << 1) | ((code >> 1) & 0x5555);
        code = ((code & 0x3333) << 2) | ((code >> 2) & 0x3333);
        code = ((code & 0x0F0F) << 4) | ((code >> 4) & 0x0F0F);
        return (ushort)(BinaryPrimitives.ReverseEndianness((ushort)code) >> (16 - length));
    }
}
