using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Quantization;

/// <summary>A matrix in four bits per element: codes, and one scale for every 64 consecutive elements.</summary>
public sealed class Nf4Weight : IDisposable
{
    internal const int BlockSize = 64;
    private const float SmallestScale = 1.1754944e-38f;   // the least normal float: an all-zero block stays zero

    private readonly long[] _shape;
    private readonly long _count;
    private readonly Nf4Scales _scales;
    private readonly Tensor _pairs;   // float32 [256, 2]: the two values of a byte, the high half first

    private Nf4Weight(long[] shape, Tensor codes, Nf4Scales scales, Tensor pairs)
    {
        _shape = shape;
        _count = shape.Aggregate(1L, (product, extent) => product * extent);
        _scales = scales;
        Codes = codes.DetachFromDisposeScope();
        _pairs = pairs.DetachFromDisposeScope();
    }

    /// <summary>Two codes a byte, the first element in the high half; uint8 [bytes].</summary>
    internal Tensor Codes { get; }

    internal Nf4Scales Scales => _scales;

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
        var scaled = Blocks(values, BlockSize) * _scales.Restore().unsqueeze(1);          // [blocks, 64]
        return scaled.view(-1).narrow(0, 0, _count).view(_shape).to(type).MoveToOuterDisposeScope();
    }

    /// <summary>Releases codes and scales.</summary>
    public void Dispose()
    {
        Codes.Dispose();
        _pairs.Dispose();
        _scales.Dispose();
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
        var inverse = ones([1], ScalarType.Float32, scales.device) / scales.clamp(min: SmallestScale);
        return (blocks * inverse.unsqueeze(1)).clamp(-1, 1);
    }

    /// <summary>The index of the nearest value of a sorted code book, as uint8; ties take the lower one.</summary>
    internal static Tensor Nearest(Tensor normalised, float[] values)
    {
        var result = zeros(normalised.shape, ScalarType.Byte, normalised.device);
        foreach (var midpoint in Nf4Code.Midpoints(values))
        {
            using var above = normalised.gt(midpoint);
            using var step = above.to(ScalarType.Byte);
            result.add_(step);
        }

        return result;
    }

    private static Tensor Pack(Tensor codes, long count)
    {
        // An odd element out is paired with the code of zero: the padding of its block, or one more.
        var even = count + (count % 2);
        var padded = codes.numel() >= even ? codes : cat([codes, full([1], 7, ScalarType.Byte, codes.device)]);
        var pairs = padded.narrow(0, 0, even).view(-1, 2);
        return pairs.select(1, 0) * 16 + pairs.select(1, 1);
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
