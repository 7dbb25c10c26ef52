using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Safetensors;

/// <summary>One tensor inside a mapped file; valid until the file is disposed.</summary>
public readonly unsafe struct TensorView
{
    private readonly SafetensorsFile _file;

    internal TensorView(SafetensorsFile file, TensorInfo info)
    {
        _file = file;
        Info = info;
    }

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
            throw new SafetensorsException(SafetensorsError.Conversion, _file.Path,
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

    /// <summary>Copies the stored bytes, whatever their type.</summary>
    /// <param name="destination">Memory for <see cref="TensorInfo.ByteLength"/> bytes.</param>
    public void CopyTo(nint destination) =>
        NativeMemory.Copy((void*)Address, (void*)destination, (nuint)Info.ByteLength);

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
                Widen(Slice<Half>(start, destination.Length), destination);
                break;
            case DType.F64:
                Round(Slice<double>(start, destination.Length), destination);
                break;
            default:
                throw new SafetensorsException(SafetensorsError.Conversion, _file.Path,
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

    private static void Widen(ReadOnlySpan<Half> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
        }
    }

    private static void Round(ReadOnlySpan<double> source, Span<float> destination)
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = (float)source[i];
        }
    }
}
