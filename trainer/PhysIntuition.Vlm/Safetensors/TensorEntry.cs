using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Safetensors;

/// <summary>One tensor to be written: what it is, and how to produce its bytes when its turn comes.</summary>
/// <remarks>Bytes are produced one tensor at a time, so a checkpoint need not lie in memory as a whole.</remarks>
public sealed class TensorEntry
{
    private const int WindowBytes = 1 << 22;   // 4 MiB: large enough to hide the call, small enough for the cache

    private readonly Action<Stream> _write;

    /// <summary>A tensor whose bytes a callback writes.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="type">Element type.</param>
    /// <param name="shape">Extents, row-major.</param>
    /// <param name="write">Writes exactly <see cref="ByteLength"/> bytes.</param>
    public TensorEntry(string name, DType type, ReadOnlySpan<long> shape, Action<Stream> write)
    {
        Name = name;
        Type = type;
        Shape = shape.ToArray();
        ByteLength = type.Size();
        foreach (var extent in Shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(extent, nameof(shape));
            ByteLength = checked(ByteLength * extent);
        }

        _write = write;
    }

    /// <summary>Full name.</summary>
    public string Name { get; }

    /// <summary>Element type.</summary>
    public DType Type { get; }

    /// <summary>Extents, row-major.</summary>
    public IReadOnlyList<long> Shape { get; }

    /// <summary>Bytes of the tensor.</summary>
    public long ByteLength { get; }

    /// <summary>Elements in managed memory; T's size must be that of the type.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="type">Element type, as it is in memory.</param>
    /// <param name="shape">Extents, row-major.</param>
    /// <param name="values">As many as the shape has elements; read when the file is written.</param>
    public static TensorEntry Of<T>(string name, DType type, ReadOnlySpan<long> shape, ReadOnlyMemory<T> values)
        where T : unmanaged
    {
        var entry = new TensorEntry(name, type, shape, stream => stream.Write(MemoryMarshal.AsBytes(values.Span)));
        if ((long)values.Length * Marshal.SizeOf<T>() != entry.ByteLength)
        {
            throw new ArgumentException(
                $"tensor '{name}' needs {entry.ByteLength} bytes; got {values.Length} values of {typeof(T).Name}.",
                nameof(values));
        }

        return entry;
    }

    /// <summary>Elements in native memory, which must stay valid until the file is written.</summary>
    /// <param name="name">Full name.</param>
    /// <param name="type">Element type, as it is in memory.</param>
    /// <param name="shape">Extents, row-major; the memory is contiguous.</param>
    /// <param name="address">The first byte.</param>
    public static unsafe TensorEntry At(string name, DType type, ReadOnlySpan<long> shape, nint address)
    {
        long bytes = 0;
        var entry = new TensorEntry(name, type, shape, stream =>
        {
            for (long done = 0; done < bytes; done += WindowBytes)
            {
                var count = (int)Math.Min(WindowBytes, bytes - done);
                stream.Write(new ReadOnlySpan<byte>((byte*)address + done, count));
            }
        });
        bytes = entry.ByteLength;
        return entry;
    }

    /// <summary>Float32 values, rounded to bfloat16 when written.</summary>
    public static TensorEntry RoundedToBFloat16(string name, ReadOnlySpan<long> shape, ReadOnlyMemory<float> values) =>
        new(name, DType.BF16, shape, stream =>
        {
            var window = new ushort[WindowBytes / sizeof(ushort)];
            for (var done = 0; done < values.Length; done += window.Length)
            {
                var part = values.Span[done..Math.Min(values.Length, done + window.Length)];
                BFloat16.Round(part, window);
                stream.Write(MemoryMarshal.AsBytes(window.AsSpan(0, part.Length)));
            }
        });

    internal void WriteTo(Stream stream)
    {
        var before = stream.Position;
        _write(stream);
        if (stream.Position - before != ByteLength)
        {
            throw new InvalidOperationException(
                $"Tensor '{Name}' wrote {stream.Position - before} bytes; its type and shape need {ByteLength}.");
        }
    }
}
