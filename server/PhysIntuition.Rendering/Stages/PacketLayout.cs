using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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
            var bytes = Bytes512(values).AsByte();
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

    /// <summary>Writes four whole packets side by side, where that takes fewer stores; else gives false.</summary>
    /// <remarks>Four rows of sixteen pixels: rows of the packets are exchanged, then each is 48 bytes in one.</remarks>
    [MethodImpl(Inline)]
    public static bool TryStoreRows(Packet<V>* packets, byte* target, int stride)
    {
        if (V.Count != 16 || !Avx512Vbmi.IsSupported)
        {
            return false;
        }

        Vector512<uint> a = Bytes512(&packets[0].Display), b = Bytes512(&packets[1].Display);
        Vector512<uint> c = Bytes512(&packets[2].Display), d = Bytes512(&packets[3].Display);
        Vector512<uint> upperLeft = Avx512F.Shuffle4x128(a, b, 0x44), lowerLeft = Avx512F.Shuffle4x128(a, b, 0xEE);
        Vector512<uint> upperRight = Avx512F.Shuffle4x128(c, d, 0x44), lowerRight = Avx512F.Shuffle4x128(c, d, 0xEE);
        Store48(Avx512F.Shuffle4x128(upperLeft, upperRight, 0x88), target);
        Store48(Avx512F.Shuffle4x128(upperLeft, upperRight, 0xDD), target + stride);
        Store48(Avx512F.Shuffle4x128(lowerLeft, lowerRight, 0x88), target + (2 * stride));
        Store48(Avx512F.Shuffle4x128(lowerLeft, lowerRight, 0xDD), target + (3 * stride));
        return true;
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

    [MethodImpl(Inline)]
    private static Vector512<uint> Bytes512(Triple<V>* values) =>
        (Whole512(values->X) | (Whole512(values->Y) << 8) | (Whole512(values->Z) << 16)).AsUInt32();

    // Sixteen pixels of four bytes to sixteen of three.
    [MethodImpl(Inline)]
    private static void Store48(Vector512<uint> pixels, byte* target)
    {
        var packed = Avx512Vbmi.PermuteVar64x8(pixels.AsByte(), Vector512.Create(
            (byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20, 21, 22, 24, 25, 26, 28, 29, 30, 32, 33, 34,
            36, 37, 38, 40, 41, 42, 44, 45, 46, 48, 49, 50, 52, 53, 54, 56, 57, 58, 60, 61, 62,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        packed.GetLower().Store(target);
        packed.GetUpper().GetLower().Store(target + 32);
    }

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
