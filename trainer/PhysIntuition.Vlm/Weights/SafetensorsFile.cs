using System.IO.MemoryMappedFiles;
using System.Numerics;
using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Weights;

/// <summary>One memory-mapped safetensors file: pages are read when a tensor is, and are shared by processes.</summary>
/// <remarks>Dispose it last: views of it point into the mapping.</remarks>
public sealed unsafe class SafetensorsFile : ITensorSource, IDisposable
{
    private readonly MemoryMappedFile? _map;
    private readonly MemoryMappedViewAccessor? _accessor;
    private readonly Dictionary<string, TensorInfo> _byName;
    private readonly long _dataStart;
    private byte* _start;
    private bool _isDisposed;

    /// <summary>Maps the file and checks its whole header.</summary>
    /// <param name="path">The .safetensors file.</param>
    /// <exception cref="SafetensorsException">The file breaks the format; the message names the tensor.</exception>
    public SafetensorsFile(string path)
    {
        Path = path;
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var header = SafetensorsHeader.Read(stream, path);
        Tensors = header.Tensors;
        Metadata = header.Metadata;
        _dataStart = header.DataStart;
        _byName = header.Tensors.ToDictionary(tensor => tensor.Name);
        _map = MemoryMappedFile.CreateFromFile(
            stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        _accessor = _map.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _accessor.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>The file's path, as it was given.</summary>
    public string Path { get; }

    /// <summary>Every tensor, in the order of the bytes.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>The header's free text, for example {"format": "pt"}.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <inheritdoc/>
    public IEnumerable<string> Names => Tensors.Select(tensor => tensor.Name);

    /// <inheritdoc/>
    public bool Contains(string name) => _byName.ContainsKey(name);

    /// <inheritdoc/>
    public TensorView Get(string name)
    {
        if (_byName.TryGetValue(name, out var info))
        {
            return new TensorView(this, info);
        }

        throw new SafetensorsException(Path,
            $"tensor '{name}' is not among the {Tensors.Count} in this file.");
    }

    /// <summary>Where a tensor's first byte is mapped.</summary>
    internal nint AddressOf(TensorInfo tensor)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return (nint)(_start + _dataStart + tensor.Begin);
    }

    /// <summary>Unmaps the file; every view of it becomes invalid.</summary>
    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        _accessor?.SafeMemoryMappedViewHandle.ReleasePointer();
        _accessor?.Dispose();
        _map?.Dispose();
    }
}

/// <summary>One tensor inside a mapped file; valid until the file is disposed.</summary>
public readonly unsafe struct TensorView
{
    private readonly SafetensorsFile _file;

    internal TensorView(SafetensorsFile file, TensorInfo info) => (_file, Info) = (file, info);

    /// <summary>Name, type and shape.</summary>
    public TensorInfo Info { get; }

    /// <summary>The tensor's name.</summary>
    public string Name => Info.Name;

    /// <summary>Element type.</summary>
    public DType Type => Info.Type;

    /// <summary>Extents, row-major; empty for a scalar.</summary>
    public ReadOnlySpan<long> Shape => Info.Shape;

    /// <summary>Number of elements.</summary>
    public long Count => Info.Count;

    /// <summary>The mapped first byte; may be unaligned. Read-only: writing to it ends the process.</summary>
    public nint Address => _file.AddressOf(Info);

    /// <summary>Part of the tensor as stored. A span holds at most 2^31 - 1 elements, hence the window.</summary>
    /// <param name="start">First element, counted in elements of the stored type.</param>
    /// <param name="count">Number of elements.</param>
    /// <typeparam name="T">A type of the stored element's size, for example ushort for BF16.</typeparam>
    /// <exception cref="SafetensorsException">T has another size than the stored element.</exception>
    public ReadOnlySpan<T> Slice<T>(long start, int count)
        where T : unmanaged
    {
        if (sizeof(T) != Type.Size())
        {
            throw new SafetensorsException(_file.Path,
                $"tensor '{Name}' is {Info}, {Type.Size()} bytes per element; {typeof(T).Name} has {sizeof(T)}.");
        }

        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - count);
        return new ReadOnlySpan<T>((void*)(Address + (nint)(start * sizeof(T))), count);
    }

    /// <summary>The whole tensor as stored; at most 2^31 - 1 elements.</summary>
    /// <typeparam name="T">A type of the stored element's size.</typeparam>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged => Slice<T>(0, checked((int)Count));

    /// <summary>Widens (or for F64 rounds) elements to float32.</summary>
    /// <param name="destination">Receives as many elements as it is long.</param>
    /// <param name="start">First element.</param>
    /// <exception cref="SafetensorsException">The tensor does not hold F32, BF16, F16 or F64.</exception>
    public void ReadFloats(Span<float> destination, long start = 0)
    {
        switch (Type)
        {
            case DType.F32:
                Slice<float>(start, destination.Length).CopyTo(destination);
                break;
            case DType.BF16:
                BFloat16.Widen(Slice<ushort>(start, destination.Length), destination);
                break;
            case DType.F16:
                Convert(Slice<Half>(start, destination.Length), destination);
                break;
            case DType.F64:
                Convert(Slice<double>(start, destination.Length), destination);
                break;
            default:
                throw new SafetensorsException(_file.Path,
                    $"tensor '{Name}' is {Info}; only F32, BF16, F16 and F64 can be read as floats.");
        }
    }

    /// <summary>All elements as float32.</summary>
    /// <inheritdoc cref="ReadFloats"/>
    public float[] ToFloats()
    {
        var values = new float[Count];
        ReadFloats(values);
        return values;
    }

    private static void Convert<T>(ReadOnlySpan<T> source, Span<float> destination)
        where T : INumberBase<T>
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = float.CreateTruncating(source[i]);
        }
    }
}

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

/// <summary>A file of weights that breaks the safetensors format, or is asked for what it lacks.</summary>
/// <param name="path">The file at fault.</param>
/// <param name="message">Tensor, value, rule and remedy; the path is put in front.</param>
public sealed class SafetensorsException(string path, string message)
    : IOException($"{path}: {message}")
{
    /// <summary>The file at fault.</summary>
    public string Path { get; } = path;
}
