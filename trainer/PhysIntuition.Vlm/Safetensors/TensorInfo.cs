namespace PhysIntuition.Vlm.Safetensors;

/// <summary>One line of a header: what a tensor is and where its bytes lie.</summary>
/// <param name="Name">The tensor's full name, for example "model.norm.weight".</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Extents, row-major; empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the start of the data section.</param>
/// <param name="End">One past the last byte, counted likewise.</param>
public sealed record TensorInfo(string Name, DType Type, long[] Shape, long Begin, long End)
{
    /// <summary>Bytes of the tensor.</summary>
    public long ByteLength => End - Begin;

    /// <summary>Number of elements; 1 for a scalar, 0 if any extent is 0.</summary>
    public long Count => ByteLength / Type.Size();

    /// <summary>Type and shape as in "BF16[2, 3]".</summary>
    public override string ToString() => $"{Type.HeaderName()}[{string.Join(", ", Shape)}]";
}
