using System.Text.Json.Serialization;

namespace PhysIntuition.Vlm.Weights;

/// <summary>Four-bit weights as bitsandbytes writes them: codes under the weight's name, the rest behind it.</summary>
/// <remarks>
/// X.weight uint8 [bytes, 1]; X.weight.absmax float32, or uint8 when doubly quantised; X.weight.quant_map float32 [16];
/// X.weight.quant_state.bitsandbytes__nf4 the bytes of a JSON object; doubly quantised also X.weight.nested_absmax and
/// X.weight.nested_quant_map.
/// </remarks>
internal sealed class StoredNf4
{
    private const string StateMark = ".quant_state.bitsandbytes__";

    private readonly ITensorSource _tensors;
    private readonly string _weight;
    private readonly State _state;

    private StoredNf4(ITensorSource tensors, string weight, string stateName)
    {
        (_tensors, _weight) = (tensors, weight);
        StateName = stateName;
        _state = JsonSerializer.Deserialize<State>(tensors.Get(stateName).As<byte>())!;
    }

    /// <summary>Every tensor that makes up the weight.</summary>
    public IEnumerable<string> Names =>
    [
        _weight, Absmax, QuantMap, StateName, .. IsDouble ? [NestedAbsmax, NestedMap] : (string[])[],
    ];

    private string StateName { get; }

    private string Absmax => _weight + ".absmax";

    private string QuantMap => _weight + ".quant_map";

    private string NestedAbsmax => _weight + ".nested_absmax";

    private string NestedMap => _weight + ".nested_quant_map";

    private bool IsDouble => _state.NestedBlockSize is not null;

    /// <summary>The stored weight of that name; null where it is dense.</summary>
    public static StoredNf4? Find(ITensorSource tensors, string weight) =>
        tensors.Names.FirstOrDefault(name => name.StartsWith(weight + StateMark, StringComparison.Ordinal)) is { } state
            ? new(tensors, weight, state)
            : null;

    /// <summary>What does not fit, in words; empty where all does.</summary>
    /// <param name="shape">The shape that the model wants.</param>
    public IEnumerable<string> Faults(long[] shape)
    {
        if (Names.FirstOrDefault(name => !_tensors.Contains(name)) is { } missing)
        {
            yield return $"'{missing}' is missing";
            yield break;
        }

        if (_state.Type != "nf4")
        {
            yield return $"'{StateName}' has quant_type {_state.Type}; must be nf4";
        }

        if (_state.BlockSize != Nf4Weight.BlockSize || (IsDouble && _state.NestedBlockSize != Nf4Scales.BlockSize))
        {
            yield return $"'{StateName}' has blocks of {_state.BlockSize} and {_state.NestedBlockSize}; "
                + "must be 64 and 256";
        }

        if (!shape.SequenceEqual(_state.Shape))
        {
            yield return $"'{_weight}' is [{string.Join(", ", _state.Shape)}] in four bits; "
                + $"expected [{string.Join(", ", shape)}]";
            yield break;
        }

        var count = shape.Aggregate(1L, (product, extent) => product * extent);
        var blocks = Whole(count, Nf4Weight.BlockSize);
        foreach (var (name, type, expected) in Expected(count, blocks))
        {
            var view = _tensors.Get(name);
            if (view.Count != expected || view.Type != type)
            {
                yield return $"'{name}' is {view.Info}; expected {expected} elements of {type}";
            }
        }
    }

    /// <summary>Reads it; the caller owns it.</summary>
    public Nf4Weight Read(Device device)
    {
        using var scope = NewDisposeScope();
        var scales = IsDouble
            ? Nf4Scales.Stored(
                Bytes(Absmax, device), Floats(NestedAbsmax, device),
                tensor([_state.NestedOffset], [1], device: device), Floats(NestedMap, device))
            : Nf4Scales.Stored(Floats(Absmax, device), null, null, null);
        return Nf4Weight.Stored(_state.Shape, Bytes(_weight, device), scales, _tensors.Get(QuantMap).ToFloats());
    }

    private static long Whole(long count, long size) => (count + size - 1) / size;

    private (string Name, DType Type, long Count)[] Expected(long count, long blocks) =>
    [
        (_weight, DType.U8, Whole(count, 2)),
        (Absmax, IsDouble ? DType.U8 : DType.F32, blocks),
        (QuantMap, DType.F32, 16),
        .. IsDouble
            ? [(NestedAbsmax, DType.F32, Whole(blocks, Nf4Scales.BlockSize)), (NestedMap, DType.F32, 256)]
            : ((string, DType, long)[])[],
    ];

    private Tensor Bytes(string name, Device device) =>
        TensorTransfer.Read(_tensors.Get(name), ScalarType.Byte, device).view(-1);

    private Tensor Floats(string name, Device device) =>
        TensorTransfer.Read(_tensors.Get(name), ScalarType.Float32, device).view(-1);

    private sealed record State
    {
        [JsonPropertyName("quant_type")]
        public string Type { get; init; } = "";

        [JsonPropertyName("blocksize")]
        public int BlockSize { get; init; }

        [JsonPropertyName("shape")]
        public long[] Shape { get; init; } = [];

        [JsonPropertyName("nested_blocksize")]
        public int? NestedBlockSize { get; init; }

        [JsonPropertyName("nested_offset")]
        public float NestedOffset { get; init; }
    }
}
