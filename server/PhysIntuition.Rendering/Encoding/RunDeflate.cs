using System.Buffers.Binary;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>A zlib stream of one deflate block: literals, and runs of zeros as matches at distance one.</summary>
/// <remarks>
/// <para>Made for filtered pictures, where flat surfaces become zeros and the rest is noise that a match search does
/// not shorten. Own code and not the runtime's zlib, whose output depends on its version and on the processor.</para>
/// <para>The data is taken in groups of eight bytes: a run is made of groups of zeros and of the zeros that follow.
/// </para>
/// <para>Reference: RFC 1950; RFC 1951, sections 3.2.5 (lengths) and 3.2.7 (dynamic codes).</para>
/// </remarks>
internal static unsafe class RunDeflate
{
    private const int Part = 1024, MostParts = 16;   // bytes, and how many of them codes are made from

    /// <summary>Whether this machine has the instructions of the wide way.</summary>
    public static bool HasWide => Vector512.IsHardwareAccelerated && Avx512Vbmi.IsSupported;

    /// <summary>Most bytes that this many can become.</summary>
    public static int MaxBytes(int length) => (length / 2 * 3) + 256;

    /// <summary>Writes the stream; returns its length in bytes.</summary>
    /// <param name="data">All of it.</param>
    /// <param name="length">Bytes.</param>
    /// <param name="target">Room for <see cref="MaxBytes"/> and eight more.</param>
    /// <param name="isWide">Whether to go the wide way, which <see cref="HasWide"/>: the bytes are the same.</param>
    public static int Write(byte* data, int length, byte* target, bool isWide)
    {
        Span<int> counts = stackalloc int[DeflateCodes.Symbols];
        Span<byte> lengths = stackalloc byte[DeflateCodes.Symbols];
        Count(data, length, counts);
        HuffmanCode.FindLengths(counts, lengths);
        var codes = default(DeflateCodes);
        codes.Fill(lengths);

        target[0] = 0x78;   // zlib, window of 32 KiB
        target[1] = 0x01;   // fastest; makes the header a multiple of 31
        var bits = new BitWriter(target + 2);
        WriteHeader(lengths, ref bits);
        WriteBody(data, length, ref codes, isWide, ref bits);
        var end = bits.Finish();
        BinaryPrimitives.WriteUInt32BigEndian(new(end, sizeof(uint)), Adler32.Of(new(data, length)));
        return (int)(end - target) + sizeof(uint);
    }

    // Large data is counted in parts here and there, which costs a fraction of the time and hardly a byte. What they
    // do not show may stand between them, so every symbol gets a code.
    [SkipLocalsInit]
    private static void Count(byte* data, int length, Span<int> counts)
    {
        // Four tables, so that equal neighbours do not wait for one another's increments.
        var tables = stackalloc int[4 * 256];
        new Span<int>(tables, 4 * 256).Clear();
        counts.Fill(1);
        Unsafe.SkipInit(out ByteGroups groups);
        var parts = (length + Part - 1) / Part;
        var step = Math.Max(1, parts / MostParts);
        for (int part = 0, turn = 0; part < parts; part += step, turn = (turn + 1) % step)
        {
            // Another place in each step: pictures repeat themselves from row to row.
            var start = Math.Min(part + turn, parts - 1) * Part;
            var size = Math.Min(Part, length - start);
            groups.Pending = 0;
            groups.Collect(data + start, size / ByteGroups.Size);
            CountGroups(&groups, tables, counts);
            for (var i = size & ~(ByteGroups.Size - 1); i < size; i++)
            {
                tables[data[start + i]]++;
            }
        }

        for (var value = 0; value < 256; value++)
        {
            counts[value] += tables[value] + tables[256 + value] + tables[512 + value] + tables[768 + value];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CountGroups(ByteGroups* groups, int* tables, Span<int> counts)
    {
        var before = 0UL;
        for (var i = 0; i < groups->Count; i++)
        {
            var word = groups->Words[i];
            if (groups->Zeros[i] > 0)
            {
                var skipped = BitOperations.TrailingZeroCount(word) >> 3;
                DeflateCodes.CountZeros((groups->Zeros[i] * ByteGroups.Size) + skipped, before, counts);
                tables[0] -= skipped;
            }

            before = word;
            for (var half = 0; half < 2; half++, word >>= 32)
            {
                tables[(byte)word]++;
                tables[256 + (byte)(word >> 8)]++;
                tables[512 + (byte)(word >> 16)]++;
                tables[768 + (byte)(word >> 24)]++;
            }
        }
    }

    [SkipLocalsInit]
    private static void WriteBody(byte* data, int length, ref DeflateCodes codes, bool isWide, ref BitWriter bits)
    {
        const int most = ByteGroups.Most * ByteGroups.Size;
        Unsafe.SkipInit(out ByteGroups groups);
        groups.Pending = 0;
        var (whole, before) = (length & ~(ByteGroups.Size - 1), ulong.MaxValue);
        for (var start = 0; start < whole; start += most)
        {
            groups.Collect(data + start, Math.Min(most, whole - start) / ByteGroups.Size);
            codes.PutGroups(&groups, before, isWide, ref bits);
            before = groups.Count > 0 ? groups.Words[groups.Count - 1] : before;
        }

        if (groups.Pending > 0)
        {
            codes.PutZeros(groups.Pending * ByteGroups.Size, before, ref bits);
        }

        for (var i = whole; i < length; i++)
        {
            codes.Put(data[i], ref bits);
        }

        codes.Put(DeflateCodes.EndOfBlock, ref bits);
    }

    // Final block with its own codes; code lengths 0 to 15 are sent plainly in four bits each.
    private static void WriteHeader(ReadOnlySpan<byte> lengths, ref BitWriter bits)
    {
        bits.Put(0b101, 3);
        bits.Put(DeflateCodes.Symbols - 257, 5);
        bits.Put(0, 5);                              // one distance code
        bits.Put(19 - 4, 4);
        bits.Flush();
        ReadOnlySpan<byte> order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
        foreach (var symbol in order)
        {
            bits.Put(symbol < 16 ? 4u : 0u, 3);
            bits.Flush();
        }

        for (var i = 0; i < lengths.Length; i++)
        {
            bits.Put(NibbleOf(lengths[i]), 4);
            if (i % 8 == 7)
            {
                bits.Flush();
            }
        }

        bits.Put(NibbleOf(1), 4);                    // of the distance code
        bits.Flush();
    }

    // The codes of code lengths are all four bits long, and go out with the most significant first.
    private static ulong NibbleOf(int length) =>
        (uint)(((length & 1) << 3) | ((length & 2) << 1) | ((length & 4) >> 1) | ((length & 8) >> 3));
}
