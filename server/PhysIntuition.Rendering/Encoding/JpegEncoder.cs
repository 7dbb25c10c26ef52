using SkiaSharp;

namespace PhysIntuition.Rendering.Encoding;

/// <summary>JPEG files through the system's libjpeg-turbo where it is installed, else through Skia.</summary>
/// <remarks>
/// Skia searches the best Huffman code of each picture: a tenth smaller, four times slower. 4:4:4 sampling keeps
/// coloured edges sharp. The bytes differ between libraries and versions: nothing that is compared is a JPEG.
/// </remarks>
public static unsafe partial class JpegEncoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int LargestSide = 16384;   // pixels
    private const int Rgb = 0;               // TJPF_RGB
    private const int Sampling444 = 0;       // TJSAMP_444
    private const int NoReallocate = 1024;   // TJFLAG_NOREALLOC
    private const int AccurateDct = 4096;    // TJFLAG_ACCURATEDCT

    /// <summary>Whether the faster library is here (package libturbojpeg0).</summary>
    public static bool IsFast { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Encodes one picture.</summary>
    /// <param name="pixels">uint8[height, width, 3], sRGB.</param>
    /// <param name="width">Pixels, 1 to 16384.</param>
    /// <param name="height">Pixels, 1 to 16384.</param>
    /// <param name="quality">1 to 100.</param>
    /// <exception cref="PhysIntuitionException">An argument is out of range.</exception>
    public static byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, int quality = 90)
    {
        PngEncoder.CheckLossy(pixels.Length, width, height, quality, LargestSide);
        return IsFast ? EncodeFast(pixels, width, height, quality) : EncodeAnywhere(pixels, width, height, quality);
    }

    /// <summary>Through Skia.</summary>
    internal static byte[] EncodeAnywhere(ReadOnlySpan<byte> pixels, int width, int height, int quality)
    {
        var options = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample444,
            SKJpegEncoderAlphaOption.Ignore);
        return WebpEncoder.Encode(pixels, width, height, pixmap => pixmap.Encode(options));
    }

    private static byte[] EncodeFast(ReadOnlySpan<byte> pixels, int width, int height, int quality)
    {
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
