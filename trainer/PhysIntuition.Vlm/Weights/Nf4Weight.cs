namespace PhysIntuition.Vlm.Weights;

/// <summary>A matrix in four bits per element: codes, and one scale for every 64 consecutive elements.</summary>
public sealed class Nf4Weight : IDisposable
{
    internal const int BlockSize = 64;
    private const float SmallestScale = 1.1754944e-38f;   // the least normal float: an all-zero block stays zero

    private readonly long[] _shape;
    private readonly long _count;
    private readonly Tensor _pairs;   // float32 [256, 2]: the two values of a byte, the high half first

    private Nf4Weight(long[] shape, Tensor codes, Nf4Scales scales, Tensor pairs)
    {
        _shape = shape;
        _count = shape.Aggregate(1L, (product, extent) => product * extent);
        Scales = scales;
        Codes = codes.DetachFromDisposeScope();
        _pairs = pairs.DetachFromDisposeScope();
    }

    /// <summary>Two codes a byte, the first element in the high half; uint8 [bytes].</summary>
    internal Tensor Codes { get; }

    internal Nf4Scales Scales { get; }

    /// <summary>Packs a dense matrix.</summary>
    /// <param name="weight">The matrix, any float type; it is not changed.</param>
    /// <param name="isDouble">Stores scales in eight bits as well.</param>
    public static Nf4Weight Quantise(Tensor weight, bool isDouble)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var flat = weight.detach().to(ScalarType.Float32).contiguous().view(-1);
        var blocks = Blocks(flat, BlockSize);                                             // [blocks, 64]
        var scales = blocks.abs().max(1).values;                                          // [blocks]
        var codes = Nearest(Normalise(blocks, scales), Nf4Code.Values).view(-1);
        var stored = isDouble ? Nf4Scales.Doubled(scales) : Nf4Scales.Exact(scales);
        return new Nf4Weight(weight.shape, Pack(codes, flat.numel()), stored, PairTable(weight.device, Nf4Code.Values));
    }

    /// <summary>A matrix as a checkpoint holds it.</summary>
    /// <param name="shape">Of the dense matrix.</param>
    /// <param name="codes">uint8, two codes a byte.</param>
    /// <param name="scales">One for every 64 elements.</param>
    /// <param name="values">The sixteen values of the codes.</param>
    internal static Nf4Weight Stored(long[] shape, Tensor codes, Nf4Scales scales, float[] values) =>
        new(shape, codes.view(-1), scales, PairTable(codes.device, values));

    /// <summary>The dense matrix in a type; the caller owns it.</summary>
    public Tensor Dequantise(ScalarType type)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var values = _pairs.index_select(0, Codes.to(ScalarType.Int32)).view(-1).narrow(0, 0, _count);
        var scaled = Blocks(values, BlockSize) * Scales.Restore().unsqueeze(1);          // [blocks, 64]
        return scaled.view(-1).narrow(0, 0, _count).view(_shape).to(type).MoveToOuterDisposeScope();
    }

    /// <summary>Releases codes and scales.</summary>
    public void Dispose()
    {
        Codes.Dispose();
        _pairs.Dispose();
        Scales.Dispose();
    }

    /// <summary>Rows of one block each; the last one is filled with zeros.</summary>
    internal static Tensor Blocks(Tensor flat, int size)
    {
        var missing = (size - (flat.numel() % size)) % size;
        var whole = missing == 0 ? flat : cat([flat, zeros([missing], flat.dtype, flat.device)]);
        return whole.view(-1, size);
    }

    /// <summary>Blocks over their scales, within [-1, 1].</summary>
    internal static Tensor Normalise(Tensor blocks, Tensor scales)
    {
        var inverse = ones([1], ScalarType.Float32, scales.device)
            / scales.Within(SmallestScale, double.PositiveInfinity);
        return (blocks * inverse.unsqueeze(1)).Within(-1, 1);
    }

    /// <summary>The index of the nearest value of a sorted code book, as uint8; ties take the lower one.</summary>
    internal static Tensor Nearest(Tensor normalised, float[] values)
    {
        var result = zeros(normalised.shape, ScalarType.Byte, normalised.device);
        foreach (var midpoint in Nf4Code.Midpoints(values))
        {
            using var above = normalised.IsAbove(midpoint);
            using var step = above.to(ScalarType.Byte);
            result.Grow(step);
        }

        return result;
    }

    private static Tensor Pack(Tensor codes, long count)
    {
        // An odd element out is paired with the code of zero: the padding of its block, or one more.
        using TorchSharp.Scalar zero = 7, high = 16;
        var even = count + (count % 2);
        var padded = codes.numel() >= even ? codes : cat([codes, full([1], zero, ScalarType.Byte, codes.device)]);
        var pairs = padded.narrow(0, 0, even).view(-1, 2);
        return pairs.select(1, 0).mul(high) + pairs.select(1, 1);
    }

    private static Tensor PairTable(Device device, float[] values)
    {
        var table = new float[512];
        for (var code = 0; code < 256; code++)
        {
            table[2 * code] = values[code >> 4];
            table[(2 * code) + 1] = values[code & 15];
        }

        return tensor(table, [256, 2], device: device);
    }
}

/// <summary>The blocks' largest magnitudes, exact or in eight bits.</summary>
internal sealed class Nf4Scales : IDisposable
{
    internal const int BlockSize = 256;

    private readonly Tensor? _map;         // float32 [256]

    private Nf4Scales(Tensor codes, Tensor? outer, Tensor? offset, Tensor? map)
    {
        Codes = codes.DetachFromDisposeScope();
        Outer = outer?.DetachFromDisposeScope();
        Offset = offset?.DetachFromDisposeScope();
        _map = map?.DetachFromDisposeScope();
    }

    /// <summary>uint8 codes [blocks] when doubly quantised, else the float32 scales themselves.</summary>
    internal Tensor Codes { get; }

    /// <summary>float32 [groups of 256 blocks]; null where the scales are exact.</summary>
    internal Tensor? Outer { get; }

    /// <summary>float32, one element; null likewise.</summary>
    internal Tensor? Offset { get; }

    /// <summary>Scales as a checkpoint holds them.</summary>
    /// <param name="codes">float32 scales, or uint8 codes [blocks].</param>
    /// <param name="outer">float32 [groups of 256 blocks]; null where the scales are exact, as the next two.</param>
    /// <param name="offset">float32, one element.</param>
    /// <param name="map">float32 [256].</param>
    internal static Nf4Scales Stored(Tensor codes, Tensor? outer, Tensor? offset, Tensor? map) =>
        new(codes, outer, offset, map);

    internal static Nf4Scales Exact(Tensor scales) => new(scales.alias(), null, null, null);

    internal static Nf4Scales Doubled(Tensor scales)
    {
        using var scope = NewDisposeScope();
        var offset = scales.mean();
        var blocks = Nf4Weight.Blocks(scales - offset, BlockSize);                        // [groups, 256]
        var outer = blocks.abs().max(1).values;                                           // [groups]
        var scaled = Nf4Weight.Normalise(blocks, outer);
        var codes = Nf4Weight.Nearest(scaled, Nf4Code.ScaleMap).view(-1).narrow(0, 0, scales.numel()).contiguous();
        var map = tensor(Nf4Code.ScaleMap, [Nf4Code.ScaleMap.Length], device: scales.device);
        return new Nf4Scales(codes, outer, offset, map);
    }

    /// <summary>Float32 scales [blocks].</summary>
    internal Tensor Restore()
    {
        if (Outer is null)
        {
            return Codes.alias();
        }

        var values = Nf4Weight.Blocks(_map!.index_select(0, Codes.to(ScalarType.Int32)), BlockSize);
        return (values * Outer.unsqueeze(1)).view(-1).narrow(0, 0, Codes.numel()).Plus(Offset!);
    }

    public void Dispose()
    {
        Codes.Dispose();
        Outer?.Dispose();
        Offset?.Dispose();
        _map?.Dispose();
    }
}

/// <summary>x Wᵀ with W unpacked for the product and again for the gradient, so that no dense copy is kept.</summary>
internal sealed class Nf4LinearFunction : autograd.SingleTensorFunction<Nf4LinearFunction>
{
    private const string WeightKey = "weight";

    public override string Name => nameof(Nf4LinearFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        var packed = (Nf4Weight)vars[1];
        ctx.save_data(WeightKey, packed);
        using var weight = packed.Dequantise(x.dtype);
        return LinearProduct.Of(x, weight, bias: null);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var weight = ((Nf4Weight)ctx.get_data(WeightKey)!).Dequantise(grad_output.dtype);
        return [grad_output.matmul(weight), null!];
    }
}

/// <summary>Which linear layers are held in four bits, and how.</summary>
public sealed record Nf4Options
{
    /// <summary>Stores the blocks' scales in eight bits as well.</summary>
    public bool IsDouble { get; init; }

    /// <summary>Layers whose path contains one of these stay dense; the output head unless changed.</summary>
    public IReadOnlyList<string> SkippedModules { get; init; } = ["lm_head"];

    internal bool Skips(string path) =>
        SkippedModules.Any(name => $".{path}.".Contains($".{name}.", StringComparison.Ordinal));
}

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
