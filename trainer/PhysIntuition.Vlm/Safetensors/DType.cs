namespace PhysIntuition.Vlm.Safetensors;

/// <summary>How one element of a stored tensor is encoded; little-endian where wider than a byte.</summary>
public enum DType
{
    /// <summary>One byte, 0 or 1.</summary>
    Bool,

    /// <summary>Unsigned 8-bit integer.</summary>
    U8,

    /// <summary>Signed 8-bit integer.</summary>
    I8,

    /// <summary>8-bit float, 5 exponent and 2 mantissa bits.</summary>
    F8E5M2,

    /// <summary>8-bit float, 4 exponent and 3 mantissa bits.</summary>
    F8E4M3,

    /// <summary>Signed 16-bit integer.</summary>
    I16,

    /// <summary>Unsigned 16-bit integer.</summary>
    U16,

    /// <summary>IEEE half precision.</summary>
    F16,

    /// <summary>bfloat16: the upper half of a float32.</summary>
    BF16,

    /// <summary>Signed 32-bit integer.</summary>
    I32,

    /// <summary>Unsigned 32-bit integer.</summary>
    U32,

    /// <summary>IEEE single precision.</summary>
    F32,

    /// <summary>IEEE double precision.</summary>
    F64,

    /// <summary>Signed 64-bit integer.</summary>
    I64,

    /// <summary>Unsigned 64-bit integer.</summary>
    U64,
}

/// <summary>Element sizes, and the names that a safetensors header uses.</summary>
public static class DTypes
{
    private static readonly (DType Type, string Name, int Size)[] s_all =
    [
        (DType.Bool, "BOOL", 1), (DType.U8, "U8", 1), (DType.I8, "I8", 1),
        (DType.F8E5M2, "F8_E5M2", 1), (DType.F8E4M3, "F8_E4M3", 1),
        (DType.I16, "I16", 2), (DType.U16, "U16", 2), (DType.F16, "F16", 2), (DType.BF16, "BF16", 2),
        (DType.I32, "I32", 4), (DType.U32, "U32", 4), (DType.F32, "F32", 4),
        (DType.F64, "F64", 8), (DType.I64, "I64", 8), (DType.U64, "U64", 8),
    ];

    /// <summary>Every header name, for messages.</summary>
    public static string KnownNames { get; } = string.Join(", ", s_all.Select(entry => entry.Name));

    /// <summary>Bytes of one element.</summary>
    public static int Size(this DType type) => s_all[(int)type].Size;

    /// <summary>The name in a file's header, for example "BF16".</summary>
    public static string HeaderName(this DType type) => s_all[(int)type].Name;

    /// <summary>Finds the type that a header names; false if there is none.</summary>
    public static bool TryParse(string name, out DType type)
    {
        var index = Array.FindIndex(s_all, entry => entry.Name == name);
        type = index < 0 ? default : s_all[index].Type;
        return index >= 0;
    }
}
