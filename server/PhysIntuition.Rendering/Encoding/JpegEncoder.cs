using System.Runtime.InteropServices;
using PhysIntuition.Faults;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>JPEG files through the system's libjpeg-turbo, where it is installed.</summary>
/// <remarks>
/// 4:4:4 sampling keeps coloured edges sharp; the accurate transform keeps the bytes the same on every processor. They
/// may differ between versions of the library, so nothing that is hashed or compared is a JPEG.
/// </remarks>
public static unsafe partial class JpegEncoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int LargestSide = 16384;   // pixels
    private const int Rgb = 0;               // TJPF_RGB
    private const int Sampling444 = 0;       // TJSAMP_444
    private const int NoReallocate = 1024;   // TJFLAG_NOREALLOC
    private const int AccurateDct = 4096;    // TJFLAG_ACCURATEDCT

    /// <summary>Whether the library is here (package libturbojpeg0).</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Encodes one picture.</summary>
    /// <param name="pixels">uint8[height, width, 3], sRGB.</param>
    /// <param name="width">Pixels, 1 to 16384.</param>
    /// <param name="height">Pixels, 1 to 16384.</param>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="PhysIntuitionException">The library is missing, or an argument is out of range.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int quality = 90)
    {
        Check(pixels.Length, width, height, quality);
        var compressor = InitCompress();
        try
        {
            var buffer = new byte[BufferSize(width, height, Sampling444)];
            fixed (byte* source = pixels)
            fixed (byte* start = buffer)
            {
                var target = start;
                var size = (nuint)buffer.Length;
                var code = Compress(
                    compressor, source, width, width * 3, height, Rgb, &target, &size, Sampling444, quality,
                    NoReallocate | AccurateDct);
                return code == 0
                    ? buffer[..(int)size]
                    : throw new InvalidOperationException($"libjpeg-turbo refused a {width} x {height} picture.");
            }
        }
        finally
        {
            _ = Destroy(compressor);
        }
    }

    private static void Check(int bytes, int width, int height, int quality)
    {
        if (!IsAvailable)
        {
            throw new PhysIntuitionException(Fault.Unavailable, "encoding",
                $"'encoding' is JPEG, but {Library} is not on this machine. Install libturbojpeg0, or ask for PNG.");
        }

        const string crop = "1 to 16384 pixels are allowed. Crop it";
        PngEncoder.Require(width is >= 1 and <= LargestSide, "width", width, crop);
        PngEncoder.Require(height is >= 1 and <= LargestSide, "height", height, crop);
        PngEncoder.Require(bytes == width * height * 3, "pixels", bytes,
            $"a picture of {width} x {height} has {width * height * 3} bytes. Pass all of them");
        PngEncoder.Require(quality is >= 1 and <= 100, "quality", quality, "[1, 100] is allowed. Take 90");
    }

    [LibraryImport(Library, EntryPoint = "tjInitCompress")]
    private static partial nint InitCompress();

    [LibraryImport(Library, EntryPoint = "tjBufSize")]
    private static partial nuint BufferSize(int width, int height, int sampling);

    [LibraryImport(Library, EntryPoint = "tjCompress2")]
    private static partial int Compress(
        nint compressor, byte* source, int width, int pitch, int height, int pixelFormat, byte** target, nuint* size,
        int sampling, int quality, int flags);

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint compressor);
}
