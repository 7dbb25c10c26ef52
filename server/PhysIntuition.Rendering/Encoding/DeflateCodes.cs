using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>The prefix code of one deflate block, in the forms in which bytes and runs of zeros are written.</summary>
internal unsafe struct DeflateCodes
{
    /// <summary>Literals, the end of the block, and the lengths of matches.</summary>
    public const int Symbols = 286, EndOfBlock = 256;

    private const int LongestMatch = 258;   // bytes
    private const int CountShift = 24;

    private fixed byte _low[256], _highAndLength[256];   // by literal: low 8 bits; high 4 bits above the length
    private fixed uint _symbols[Symbols];                // a code's bits, and their count from bit 24 on
    private fixed uint _matches[LongestMatch + 1];       // the same of a whole match at distance one, by length

    /// <summary>Takes the codes for these lengths.</summary>
    /// <param name="lengths">One for each symbol, 1 to 12 bits.</param>
    public void Fill(ReadOnlySpan<byte> lengths)
    {
        Span<ushort> codes = stackalloc ushort[Symbols];
        HuffmanCode.FindCodes(lengths, codes);
        for (var symbol = 0; symbol < Symbols; symbol++)
        {
            _symbols[symbol] = codes[symbol] | ((uint)lengths[symbol] << CountShift);
        }

        for (var literal = 0; literal < 256; literal++)
        {
            _low[literal] = (byte)codes[literal];
            _highAndLength[literal] = (byte)((codes[literal] >> 8 << 4) | lengths[literal]);
        }

        for (var length = 3; length <= LongestMatch; length++)
        {
            var (symbol, extra) = SymbolOf(length);
            var more = (uint)(length - 3) & ((1u << extra) - 1);
            // Code, extra bits, and the only distance code, a single 0.
            _matches[length] = (codes[symbol] | (more << lengths[symbol]))
                | ((uint)(lengths[symbol] + extra + 1) << CountShift);
        }
    }

    /// <summary>Writes one symbol's code.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Put(int symbol, ref BitWriter bits) => PutPacked(_symbols[symbol], ref bits);

    /// <summary>Writes the groups of a list, each behind the zeros before it.</summary>
    /// <param name="groups">The list.</param>
    /// <param name="before">The group before them; all ones at the beginning of the data.</param>
    /// <param name="isWide">Whether 512-bit registers are there.</param>
    /// <param name="target">Where to.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void PutGroups(ByteGroups* groups, ulong before, bool isWide, ref BitWriter target)
    {
        var joined = stackalloc ulong[2 * ByteGroups.Most];
        var counts = joined + ByteGroups.Most;
        if (isWide)
        {
            JoinWide(groups, joined, counts);
        }
        else
        {
            Join(groups, joined, counts);
        }

        var (bits, ofZero) = (target, (int)(_symbols[0] >> CountShift));
        for (var i = 0; i < groups->Count; i++)
        {
            var (word, value, count) = (groups->Words[i], joined[i], (int)counts[i]);
            if (groups->Zeros[i] > 0)
            {
                var skipped = BitOperations.TrailingZeroCount(word) >> 3;
                var zeros = (groups->Zeros[i] * ByteGroups.Size) + skipped;
                if (zeros <= LongestMatch && count <= BitWriter.Room)
                {
                    // A match copies the byte before: where that is no zero, one is written first.
                    var isFirst = before >> 56 != 0 ? 1 : 0;
                    var match = _matches[zeros - isFirst];
                    bits.Put(_symbols[0] & 0xFFFu & (uint)-isFirst, ofZero & -isFirst);
                    bits.Put(match & 0xFF_FFFF, (int)(match >> CountShift));
                    bits.Flush();
                    value >>= skipped * ofZero;
                    count -= skipped * ofZero;
                }
                else
                {
                    var copy = bits;   // its own has no address, and stays in registers
                    PutZeros(zeros, before, ref copy);
                    PutBytes(word, skipped, ref copy);
                    (bits, before) = (copy, word);
                    continue;
                }
            }
            else if (count > BitWriter.Room)
            {
                var copy = bits;
                PutBytes(word, 0, ref copy);
                (bits, before) = (copy, word);
                continue;
            }

            bits.Put(value, count);
            bits.Flush();
            before = word;
        }

        target = bits;
    }

    /// <summary>Writes zeros, at least eight.</summary>
    /// <param name="count">How many.</param>
    /// <param name="before">The eight bytes before; all ones at the beginning of the data.</param>
    /// <param name="bits">Where to.</param>
    public readonly void PutZeros(int count, ulong before, ref BitWriter bits)
    {
        if (before >> 56 != 0)
        {
            Put(0, ref bits);
            count--;
        }

        for (int length; count > 0; count -= length)
        {
            length = MatchOf(count);
            PutPacked(_matches[length], ref bits);
        }
    }

    /// <summary>Counts the symbols that zeros are written with.</summary>
    /// <param name="count">How many zeros, at least eight.</param>
    /// <param name="before">The eight bytes before.</param>
    /// <param name="counts">By symbol.</param>
    public static void CountZeros(int count, ulong before, Span<int> counts)
    {
        if (before >> 56 != 0)
        {
            counts[0]++;
            count--;
        }

        for (int length; count > 0; count -= length)
        {
            length = MatchOf(count);
            counts[SymbolOf(length).Symbol]++;
        }
    }

    // The next match of so many zeros: what is left then is nothing or long enough for another.
    private static int MatchOf(int count) => count switch
    {
        <= LongestMatch => count,
        < LongestMatch + 3 => LongestMatch - 3,
        _ => LongestMatch,
    };

    // Lengths 3 to 10 have a symbol each; from 11 on four share each power of two; 258 has its own.
    private static (int Symbol, int ExtraBits) SymbolOf(int length)
    {
        if (length == LongestMatch)
        {
            return (285, 0);
        }

        var extra = length < 11 ? 0 : BitOperations.Log2((uint)(length - 3)) - 2;
        return (257 + (4 * extra) + ((length - 3) >> extra), extra);
    }

    private readonly void PutBytes(ulong word, int skipped, ref BitWriter bits)
    {
        for (var i = skipped; i < ByteGroups.Size; i++)
        {
            Put((byte)(word >> (8 * i)), ref bits);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PutPacked(uint packed, ref BitWriter bits)
    {
        bits.Put(packed & 0xFF_FFFF, (int)(packed >> CountShift));
        bits.Flush();
    }

    // Codes of each group in one word, if they fit; two pairs of pairs, so that only one step waits for the last.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Join(ByteGroups* groups, ulong* joined, ulong* counts)
    {
        for (var i = 0; i < groups->Count; i++)
        {
            var word = groups->Words[i];
            JoinFour((uint)word, out var first, out var ofFirst);
            JoinFour((uint)(word >> 32), out var second, out var ofSecond);
            joined[i] = first | (second << ofFirst);
            counts[i] = (uint)(ofFirst + ofSecond);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void JoinFour(uint bytes, out ulong joined, out int count)
    {
        uint a = _symbols[(byte)bytes], b = _symbols[(byte)(bytes >> 8)];
        uint c = _symbols[(byte)(bytes >> 16)], d = _symbols[bytes >> 24];
        int ofA = (int)(a >> CountShift), ofC = (int)(c >> CountShift), ofBoth = ofA + (int)(b >> CountShift);
        var first = (a & 0xFFF) | ((ulong)(b & 0xFFF) << ofA);
        var second = (c & 0xFFF) | ((ulong)(d & 0xFFF) << ofC);
        joined = first | (second << ofBoth);
        count = ofBoth + ofC + (int)(d >> CountShift);
    }

    /// <summary>The same for eight groups at a time.</summary>
    /// <remarks>
    /// Codes and lengths are looked up for 64 bytes; then neighbours are joined thrice, in lanes of 16, 32 and 64
    /// bits: even | odd shifted by even's length. Nothing crosses a group's 64 bits.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void JoinWide(ByteGroups* groups, ulong* joined, ulong* counts)
    {
        Vector512<ushort> byteOf = Vector512.Create((ushort)0xFF), nibble = Vector512.Create((ushort)0x0F);
        Vector512<uint> half = Vector512.Create(0xFFFFu);
        Vector512<ulong> word = Vector512.Create(0xFFFF_FFFFul);
        fixed (byte* lowTable = _low, highTable = _highAndLength)
        {
            for (var i = 0; i < groups->Count; i += ByteGroups.Size)
            {
                var bytes = Vector512.Load(groups->Words + i).AsByte();
                var low = LookUp(lowTable, bytes).AsUInt16();
                var high = LookUp(highTable, bytes).AsUInt16();

                // Bytes at even and at odd places, as codes of up to 12 bits in lanes of 16.
                var even = (low & byteOf) | ((high & (nibble << 4)) << 4);
                var odd = (low >> 8) | ((high >> 4) & (nibble << 8));
                var ofEven = (high & nibble).AsUInt32();
                var ofPairs = ((high & nibble) + ((high >> 8) & nibble)).AsUInt32();

                // Pairs of up to 24 bits in lanes of 32: those of the lower and of the upper halves.
                var lower = (even.AsUInt32() & half) | Shifted(odd.AsUInt32() & half, ofEven & half);
                var upper = (even.AsUInt32() >> 16) | Shifted(odd.AsUInt32() >> 16, ofEven >> 16);
                var ofLower = (ofPairs & half).AsUInt64();
                var ofFours = ((ofPairs & half) + (ofPairs >> 16)).AsUInt64();

                // Fours of up to 48 bits in lanes of 64, then eights.
                var first = (lower.AsUInt64() & word) | Shifted(upper.AsUInt64() & word, ofLower & word);
                var second = (lower.AsUInt64() >> 32) | Shifted(upper.AsUInt64() >> 32, ofLower >> 32);
                (first | Shifted(second, ofFours & word)).Store(joined + i);
                ((ofFours & word) + (ofFours >> 32)).Store(counts + i);
            }
        }
    }

    // Two tables of 128 bytes: one instruction takes seven bits of an index.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> LookUp(byte* table, Vector512<byte> indices)
    {
        var low = Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table), indices, Vector512.Load(table + 64));
        var high = Avx512Vbmi.PermuteVar64x8x2(Vector512.Load(table + 128), indices, Vector512.Load(table + 192));
        return Vector512.ConditionalSelect(
            Vector512.LessThan(indices.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Shifted(Vector512<uint> codes, Vector512<uint> counts) =>
        Avx512F.ShiftLeftLogicalVariable(codes, counts);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Shifted(Vector512<ulong> codes, Vector512<ulong> counts) =>
        Avx512F.ShiftLeftLogicalVariable(codes, counts);
}
