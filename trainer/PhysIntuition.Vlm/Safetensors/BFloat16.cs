namespace PhysIntuition.Vlm.Safetensors;

/// <summary>bfloat16, the upper half of a float32, held as its bits.</summary>
public static class BFloat16
{
    /// <summary>The exact float32 value.</summary>
    public static float Widen(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);

    /// <summary>Exact float32 values; destination must be as long as source.</summary>
    public static void Widen(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = Widen(source[i]);
        }
    }

    /// <summary>Rounds to nearest, ties to even; NaN stays NaN.</summary>
    public static ushort Round(float value)
    {
        if (float.IsNaN(value))
        {
            return 0x7FC0;   // rounding could carry a NaN's mantissa into infinity
        }

        var bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }

    /// <summary>Rounds every value; destination must be as long as source.</summary>
    public static void Round(ReadOnlySpan<float> source, Span<ushort> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = Round(source[i]);
        }
    }
}
