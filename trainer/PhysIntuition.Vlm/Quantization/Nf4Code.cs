namespace PhysIntuition.Vlm.Quantization;

/// <summary>The code book of four-bit normal floats, and the map of eight-bit scales.</summary>
/// <remarks>Source: Dettmers, Pagnoni, Holtzman, Zettlemoyer, "QLoRA", 2023; values as bitsandbytes stores.</remarks>
internal static class Nf4Code
{
    private const int Decades = 7;
    private const float First = 0.1f;   // where a decade begins

    /// <summary>The sixteen values, sorted; a code is an index.</summary>
    internal static float[] Values { get; } =
    [
        -1f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f,
        -0.28444138169288635f, -0.18477343022823334f, -0.09105003625154495f, 0f,
        0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1f,
    ];

    /// <summary>The 256 values of scales that are themselves quantised, sorted.</summary>
    internal static float[] ScaleMap { get; } = BuildScaleMap();

    /// <summary>The borders between neighbouring values; a value on a border takes the lower code.</summary>
    internal static float[] Midpoints(float[] values)
    {
        var midpoints = new float[values.Length - 1];
        for (var i = 0; i < midpoints.Length; i++)
        {
            midpoints[i] = (values[i] + values[i + 1]) / 2;
        }

        return midpoints;
    }

    // Seven decades; decade i has 2^i equal intervals of [0.1, 1], whose centres count with both signs.
    private static float[] BuildScaleMap()
    {
        var values = new List<float> { 0f, 1f };
        for (var decade = 0; decade < Decades; decade++)
        {
            var borders = Borders(1 << decade);
            var scale = (float)Math.Pow(10, decade + 1 - Decades);
            for (var i = 0; i + 1 < borders.Length; i++)
            {
                var value = scale * ((borders[i] + borders[i + 1]) / 2);
                values.Add(value);
                values.Add(-value);
            }
        }

        values.Sort();
        return [.. values];
    }

    // linspace(0.1, 1, intervals + 1), rounded as the reference rounds it: whole blocks from a base of eight, the rest
    // one by one, from whichever end is nearer. Stored checkpoints carry these last bits.
    private static float[] Borders(int intervals)
    {
        const int lanes = 8;
        var (count, step) = (intervals + 1, (1f - First) / intervals);
        var borders = new float[count];
        var inBlocks = count / (2 * lanes) * (2 * lanes);
        for (var i = 0; i < count; i++)
        {
            var lane = i < inBlocks ? i % lanes : 0;
            var place = i - lane;
            var start = place < count / 2
                ? MathF.FusedMultiplyAdd(step, place, First)
                : MathF.FusedMultiplyAdd(-step, count - 1 - place, 1f);
            borders[i] = start + (step * lane);
        }

        return borders;
    }
}
