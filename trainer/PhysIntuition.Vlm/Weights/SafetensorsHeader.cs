namespace PhysIntuition.Vlm.Weights;

/// <summary>The parsed and checked header of one file.</summary>
/// <remarks>
/// A file is: u64 header length N, N bytes of JSON, the data. Every rule of the format is checked here,
/// so that a view can trust its offsets.
/// </remarks>
/// <param name="Tensors">In the order of their bytes.</param>
/// <param name="Metadata">The free text.</param>
/// <param name="DataStart">Where the data section begins in the file.</param>
internal sealed record SafetensorsHeader(
    IReadOnlyList<TensorInfo> Tensors, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    public const int PrefixBytes = 8;
    public const long MaximumBytes = 100_000_000;   // the limit of the reference implementation

    private const string MetadataKey = "__metadata__";

    public static SafetensorsHeader Read(Stream file, string path)
    {
        var length = ReadLength(file, path);
        var json = new byte[length];
        file.ReadExactly(json);

        var metadata = new Dictionary<string, string>();
        var tensors = Parse(json, path, metadata);
        var dataStart = PrefixBytes + length;
        CheckLayout(tensors, file.Length - dataStart, path);
        return new SafetensorsHeader(tensors, metadata, dataStart);
    }

    private static long ReadLength(Stream file, string path)
    {
        if (file.Length < PrefixBytes)
        {
            throw new SafetensorsException(path,
                $"the file has {file.Length} bytes; its first {PrefixBytes} must hold the header's length.");
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        file.ReadExactly(prefix);
        var length = System.Buffers.Binary.BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length is < 2 or > MaximumBytes)
        {
            throw new SafetensorsException(path,
                $"the header's length is {length}; must be in [2, {MaximumBytes}]. Is this a safetensors file?");
        }

        if ((long)length > file.Length - PrefixBytes)
        {
            throw new SafetensorsException(path,
                $"the header has {length} bytes, but only {file.Length - PrefixBytes} follow. Fetch the file again.");
        }

        return (long)length;
    }

    private static List<TensorInfo> Parse(byte[] json, string path, Dictionary<string, string> metadata)
    {
        try
        {
            if (json[0] != (byte)'{')
            {
                throw new JsonException("it must begin with '{'");
            }

            using var document = JsonDocument.Parse(json);
            return ReadEntries(document.RootElement, path, metadata);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException
            or KeyNotFoundException or DecoderFallbackException)
        {
            throw new SafetensorsException(path,
                $"the header is not a valid JSON object: {error.Message}");
        }
    }

    private static List<TensorInfo> ReadEntries(JsonElement root, string path, Dictionary<string, string> metadata)
    {
        var tensors = new List<TensorInfo>();
        var seen = new HashSet<string>();
        foreach (var entry in root.EnumerateObject())
        {
            if (!seen.Add(entry.Name))
            {
                throw new SafetensorsException(path,
                    $"the header names '{entry.Name}' twice.");
            }

            if (entry.Name != MetadataKey)
            {
                tensors.Add(ReadTensor(entry.Name, entry.Value, path));
                continue;
            }

            foreach (var item in entry.Value.EnumerateObject())
            {
                metadata[item.Name] = item.Value.GetString()
                    ?? throw new JsonException($"'{MetadataKey}.{item.Name}' must be a string");
            }
        }

        tensors.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        return tensors;
    }

    private static TensorInfo ReadTensor(string name, JsonElement entry, string path)
    {
        var typeName = entry.GetProperty("dtype").GetString() ?? "null";
        if (!DTypes.TryParse(typeName, out var type))
        {
            throw new SafetensorsException(path,
                $"tensor '{name}' has dtype '{typeName}'; known are {DTypes.KnownNames}.");
        }

        var shape = entry.GetProperty("shape").EnumerateArray().Select(extent => extent.GetInt64()).ToArray();
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(o => o.GetInt64()).ToArray();
        if (offsets.Length != 2 || offsets[0] < 0 || offsets[1] < offsets[0])
        {
            throw new SafetensorsException(path,
                $"tensor '{name}' has data_offsets [{string.Join(", ", offsets)}]; must be [begin, end], "
                + "0 <= begin <= end.");
        }

        var tensor = new TensorInfo(name, type, shape, offsets[0], offsets[1]);
        CheckSize(tensor, path);
        return tensor;
    }

    private static void CheckSize(TensorInfo tensor, string path)
    {
        long bytes = tensor.Type.Size();
        foreach (var extent in tensor.Shape)
        {
            if (extent < 0 || (extent > 0 && bytes > long.MaxValue / extent))
            {
                throw new SafetensorsException(path,
                    $"tensor '{tensor.Name}' is {tensor}; extents must be >= 0 and their product must fit 63 bits.");
            }

            bytes *= extent;
        }

        if (bytes != tensor.ByteLength)
        {
            throw new SafetensorsException(path,
                $"tensor '{tensor.Name}' is {tensor} and needs {bytes} bytes; "
                + $"its data_offsets give {tensor.ByteLength}.");
        }
    }

    private static void CheckLayout(List<TensorInfo> tensors, long available, string path)
    {
        long position = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin != position)
            {
                var fault = tensor.Begin < position ? "overlaps the tensor before it" : "leaves a gap before it";
                throw new SafetensorsException(path,
                    $"tensor '{tensor.Name}' begins at byte {tensor.Begin} and {fault}; must begin at {position}.");
            }

            position = tensor.End;
            if (position > available)
            {
                throw new SafetensorsException(path,
                    $"tensor '{tensor.Name}' ends at data byte {position}, but the file has {available}. "
                    + "Fetch the file again.");
            }
        }

        if (position < available)
        {
            throw new SafetensorsException(path,
                $"{available - position} bytes follow the last tensor; the data must end at byte {position}.");
        }
    }
}

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
}
