namespace PhysIntuition.Gpu.Translation;

/// <summary>How IL's evaluation stack sees a value; C# types smaller than 32 bits are widened.</summary>
internal enum Kind
{
    /// <summary>32-bit integer, signed or not.</summary>
    Int,

    /// <summary>64-bit or native integer, signed or not.</summary>
    Long,

    /// <summary>32-bit float.</summary>
    Float,

    /// <summary>64-bit float.</summary>
    Double,

    /// <summary>A pointer, a reference or the start of a span.</summary>
    Pointer,

    /// <summary>A structure by value.</summary>
    Structure,
}

/// <summary>A value on the evaluation stack as a C expression without side effects.</summary>
/// <param name="Text">A name, a constant or an address.</param>
/// <param name="Kind">How operations treat it.</param>
/// <param name="Type">Of a structure, which.</param>
/// <param name="Constant">Its number where it is known.</param>
internal readonly record struct Value(string Text, Kind Kind, Type? Type = null, long? Constant = null)
{
    /// <summary>A number that is known.</summary>
    public static Value Of(long number, Kind kind) => new(
        kind == Kind.Int
            ? number == int.MinValue ? "(-2147483647 - 1)" : number < 0 ? $"({number})" : $"{number}"
            : number == long.MinValue ? "((i64)1 << 63)" : $"((i64){number})",
        kind, null, number);
}
