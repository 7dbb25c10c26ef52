using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Quantization;

/// <summary>The blocks' largest magnitudes, exact or in eight bits.</summary>
internal sealed class Nf4Scales : IDisposable
{
    internal const int BlockSize = 256;

    private readonly Tensor _codes;        // float32 scales, or uint8 codes [blocks]
    private readonly Tensor? _outer;       // float32 [groups of 256 blocks]
    private readonly Tensor? _offset;      // float32, one element
    private readonly Tensor? _map;         // float32 [256]

    private Nf4Scales(Tensor codes, Tensor? outer, Tensor? offset, Tensor? map)
    {
        _codes = codes.DetachFromDisposeScope();
        _outer = outer?.DetachFromDisposeScope();
        _offset = offset?.DetachFromDisposeScope();
        _map = map?.DetachFromDisposeScope();
    }

    /// <summary>The stored codes: uint8 when doubly quantised, else the scales themselves.</summary>
    internal Tensor Codes => _codes;

    internal Tensor? Outer => _outer;

    internal Tensor? Offset => _offset;

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
        if (_outer is null)
        {
            return _codes.alias();
        }

        var values = Nf4Weight.Blocks(_map!.index_select(0, _codes.to(ScalarType.Int32)), BlockSize);
        return (values * _outer.unsqueeze(1)).view(-1).narrow(0, 0, _codes.numel()) + _offset!;
    }

    public void Dispose()
    {
        _codes.Dispose();
        _outer?.Dispose();
        _offset?.Dispose();
        _map?.Dispose();
    }
}
