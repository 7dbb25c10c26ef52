using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Rendering.Stages;

/// <summary>How lanes lie over pixels: 4 columns by 2 or 4 rows, lane 0 at the top left, row by row.</summary>
internal static unsafe class PacketLayout<V> where V : unmanaged, ILanes<V>
{
    private const MethodImplOptions Inline = MethodImplOptions.AggressiveInlining;

    /// <summary>Lanes of the widest packet.</summary>
    public const int MaxLanes = 16;

    /// <summary>Pixels of a packet from left to right.</summary>
    public static int Width
    {
        [MethodImpl(Inline)]
        get => V.Count == 1 ? 1 : 4;
    }

    /// <summary>Pixels of a packet from top to bottom.</summary>
    public static int Height
    {
        [MethodImpl(Inline)]
        get => V.Count == 1 ? 1 : V.Count / 4;
    }

    private static ReadOnlySpan<float> Columns => [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3];

    private static ReadOnlySpan<float> Rows => [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3];

    /// <summary>Puts the packet's points on the centres of the pixels from (x, y) on.</summary>
    [MethodImpl(Inline)]
    public static void Place(int x, int y, Packet<V>* packet)
    {
        // Constant data of the program: it never moves.
        packet->X = V.Splat(x + 0.5f) + V.Load((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Columns)));
        packet->Y = V.Splat(y + 0.5f) + V.Load((float*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(Rows)));
    }

    /// <summary>Writes three bytes per pixel of a whole packet; the values are in [0, 255.5).</summary>
    [MethodImpl(Inline)]
    public static void StoreBytes(Triple<V>* values, byte* target, int stride)
    {
        if (V.Count == 16)
        {
            var bytes = (Whole512(values->X) | (Whole512(values->Y) << 8) | (Whole512(values->Z) << 16)).AsByte();
            StoreRow(bytes.GetLower().GetLower(), target);
            StoreRow(bytes.GetLower().GetUpper(), target + stride);
            StoreRow(bytes.GetUpper().GetLower(), target + (2 * stride));
            StoreRow(bytes.GetUpper().GetUpper(), target + (3 * stride));
        }
        else if (V.Count == 8)
        {
            var bytes = (Whole256(values->X) | (Whole256(values->Y) << 8) | (Whole256(values->Z) << 16)).AsByte();
            StoreRow(bytes.GetLower(), target);
            StoreRow(bytes.GetUpper(), target + stride);
        }
        else
        {
            target[0] = (byte)(int)Unsafe.BitCast<V, float>(values->X);
            target[1] = (byte)(int)Unsafe.BitCast<V, float>(values->Y);
            target[2] = (byte)(int)Unsafe.BitCast<V, float>(values->Z);
        }
    }

    /// <summary>Writes one byte per pixel of a whole packet; whole numbers from -1, which becomes 255.</summary>
    [MethodImpl(Inline)]
    public static void StoreBytes(V values, byte* target, int stride)
    {
        if (V.Count == 16)
        {
            var bytes = Whole512(values).AsByte();
            StoreFour(bytes.GetLower().GetLower(), target);
            StoreFour(bytes.GetLower().GetUpper(), target + stride);
            StoreFour(bytes.GetUpper().GetLower(), target + (2 * stride));
            StoreFour(bytes.GetUpper().GetUpper(), target + (3 * stride));
        }
        else if (V.Count == 8)
        {
            var bytes = Whole256(values).AsByte();
            StoreFour(bytes.GetLower(), target);
            StoreFour(bytes.GetUpper(), target + stride);
        }
        else
        {
            target[0] = (byte)(int)Unsafe.BitCast<V, float>(values);
        }
    }

    /// <summary>Copies the part of a packet that lies in the picture, element by element.</summary>
    /// <typeparam name="T">Byte or float.</typeparam>
    /// <param name="packet">The whole packet, row by row, <paramref name="channels"/> elements per pixel.</param>
    /// <param name="target">The pixel of lane 0.</param>
    /// <param name="stride">Elements from one row of the picture to the next.</param>
    /// <param name="columns">Columns of the packet that lie in the picture.</param>
    /// <param name="rows">Rows of the packet that lie in the picture.</param>
    /// <param name="channels">Elements per pixel.</param>
    public static void CopyPart<T>(T* packet, T* target, int stride, int columns, int rows, int channels)
        where T : unmanaged
    {
        for (var row = 0; row < rows; row++)
        {
            for (var i = 0; i < columns * channels; i++)
            {
                target[(row * stride) + i] = packet[(row * Width * channels) + i];
            }
        }
    }

    [MethodImpl(Inline)]
    private static Vector512<int> Whole512(V value) =>
        Vector512.ConvertToInt32Native(Unsafe.BitCast<V, Vector512<float>>(value));

    [MethodImpl(Inline)]
    private static Vector256<int> Whole256(V value) =>
        Vector256.ConvertToInt32Native(Unsafe.BitCast<V, Vector256<float>>(value));

    // Four pixels of four bytes to four of three.
    [MethodImpl(Inline)]
    private static void StoreRow(Vector128<byte> pixels, byte* target)
    {
        var packed = Vector128.Shuffle(
            pixels, Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255));
        *(ulong*)target = packed.AsUInt64()[0];
        *(uint*)(target + 8) = packed.AsUInt32()[2];
    }

    [MethodImpl(Inline)]
    private static void StoreFour(Vector128<byte> pixels, byte* target) => *(uint*)target = Vector128.Shuffle(
        pixels, Vector128.Create((byte)0, 4, 8, 12, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        .AsUInt32()[0];
}
