using System.Runtime.InteropServices;

namespace PhysIntuition.Trainer.Training;

/// <summary>A running average of every element of a parameter.</summary>
internal abstract class Moment
{
    /// <summary>Zeros, exact or in eight bits.</summary>
    public static Moment Create(int count, bool isSigned, bool inEightBits) =>
        inEightBits ? new QuantisedMoment(count, isSigned) : new ExactMoment(count);

    /// <summary>Bytes that <see cref="Write"/> writes.</summary>
    public abstract long ByteLength { get; }

    /// <summary>Elements from a place on, to be changed: all that are left, or one block in the scratch.</summary>
    /// <param name="start">0, or where the elements opened before ended.</param>
    /// <param name="scratch">Room for a block.</param>
    public abstract Span<float> Open(int start, Span<float> scratch);

    /// <summary>Stores what was opened.</summary>
    /// <param name="start">As it was opened.</param>
    /// <param name="values">What <see cref="Open"/> gave, changed.</param>
    /// <param name="seed">Of the rounding.</param>
    public abstract void Close(int start, ReadOnlySpan<float> values, ulong seed);

    public abstract void Write(BinaryWriter writer);

    public abstract void Read(BinaryReader reader);

    private sealed class ExactMoment(int count) : Moment
    {
        private readonly float[] _values = new float[count];

        public override long ByteLength => sizeof(float) * (long)_values.Length;

        public override Span<float> Open(int start, Span<float> scratch) => _values.AsSpan(start);

        public override void Close(int start, ReadOnlySpan<float> values, ulong seed)
        {
            // Changed in place.
        }

        public override void Write(BinaryWriter writer) => writer.Write(MemoryMarshal.AsBytes<float>(_values));

        public override void Read(BinaryReader reader) =>
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_values.AsSpan()));
    }
}

/// <summary>Codes of eight bits, and a scale for every block.</summary>
/// <remarks>
/// Blocks and code books follow Dettmers et al., "8-bit Optimizers via Block-wise Quantization", 2022. Rounding is
/// random where theirs is to nearest: a second moment that falls by 1 % a step would else stay at its code for ever.
/// </remarks>
internal sealed class QuantisedMoment(int count, bool isSigned) : Moment
{
    /// <summary>Elements that share a scale.</summary>
    public const int BlockSize = 256;

    private const int Decades = 7;

    private static readonly float[] s_signed = Codes(isSigned: true), s_unsigned = Codes(isSigned: false);

    private readonly float[] _map = isSigned ? s_signed : s_unsigned;
    private readonly byte[] _codes = [.. Enumerable.Repeat(ZeroOf(isSigned ? s_signed : s_unsigned), count)];
    private readonly float[] _scales = new float[(count + BlockSize - 1) / BlockSize];

    public override long ByteLength => _codes.Length + (sizeof(float) * (long)_scales.Length);

    /// <summary>Reads one block.</summary>
    public override Span<float> Open(int start, Span<float> scratch)
    {
        var scale = _scales[start / BlockSize];
        var values = scratch[..Math.Min(BlockSize, count - start)];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = _map[_codes[start + i]] * scale;
        }

        return values;
    }

    /// <summary>Stores one block; each value becomes a neighbouring code, by chance, true on average.</summary>
    public override void Close(int start, ReadOnlySpan<float> values, ulong seed)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        _scales[start / BlockSize] = largest;
        for (var i = 0; i < values.Length; i++)
        {
            _codes[start + i] = largest == 0 ? ZeroOf(_map)
                : Round(values[i] / largest, Uniform(seed, (uint)(start + i)));
        }
    }

    public override void Write(BinaryWriter writer)
    {
        writer.Write(_codes);
        writer.Write(MemoryMarshal.AsBytes<float>(_scales));
    }

    public override void Read(BinaryReader reader)
    {
        reader.BaseStream.ReadExactly(_codes);
        reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(_scales.AsSpan()));
    }

    /// <summary>The 256 values between -1, or 0, and 1 that codes stand for, sorted.</summary>
    internal static float[] Codes(bool isSigned)
    {
        // Decade i has 2^i (of either sign) or 2^(i + 1) equal intervals of [0.1, 1], whose centres count.
        var values = new List<float> { 0, 1 };
        for (var decade = 0; decade < Decades; decade++)
        {
            var intervals = 1 << (isSigned ? decade : decade + 1);
            for (var i = 0; i < intervals; i++)
            {
                var value = (float)((0.1 + (0.9 * (i + 0.5) / intervals)) * Math.Pow(10, decade + 1 - Decades));
                values.Add(value);
                if (isSigned)
                {
                    values.Add(-value);
                }
            }
        }

        values.Sort();
        return [.. values];
    }

    private byte Round(float value, float chance)
    {
        var at = Array.BinarySearch(_map, value);
        if (at >= 0)
        {
            return (byte)at;
        }

        var above = Math.Clamp(~at, 1, _map.Length - 1);
        var share = Math.Clamp((value - _map[above - 1]) / (_map[above] - _map[above - 1]), 0, 1);

        // A second moment of 0 beside a first that is not would make a step without bounds.
        var isUp = chance < share || (_map[0] == 0 && above == 1);
        return (byte)(isUp ? above : above - 1);
    }

    private static byte ZeroOf(float[] map) => (byte)Array.BinarySearch(map, 0f);

    // SplitMix64's finaliser; the upper 24 bits make a float in [0, 1).
    private static float Uniform(ulong seed, uint place)
    {
        var bits = (seed * 0x9E3779B97F4A7C15) + place + 1;
        bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
        return ((bits ^ (bits >> 31)) >> 40) * (1f / (1 << 24));
    }
}
