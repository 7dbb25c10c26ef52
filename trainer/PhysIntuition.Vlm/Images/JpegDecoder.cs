using System.Runtime.InteropServices;

namespace PhysIntuition.Vlm.Images;

/// <summary>Reads JPEG files through the system's libjpeg-turbo, where it is installed.</summary>
/// <remarks>
/// The accurate transform and smooth chroma, as Pillow decodes: the same pixels. Orientation from EXIF is not applied,
/// as the reference preprocessing does not.
/// </remarks>
public static unsafe partial class JpegDecoder
{
    private const string Library = "libturbojpeg.so.0";
    private const int Rgb = 0;              // TJPF_RGB
    private const int AccurateDct = 4096;   // TJFLAG_ACCURATEDCT

    /// <summary>Whether the library is here (package libturbojpeg0).</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _);

    /// <summary>Whether a file begins like a JPEG.</summary>
    public static bool IsJpeg(ReadOnlySpan<byte> file) => file is [0xFF, 0xD8, 0xFF, ..];

    /// <summary>Decodes one picture; grey becomes RGB.</summary>
    /// <exception cref="InvalidDataException">The library is missing or refuses the file; says why.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file)
    {
        if (!IsAvailable)
        {
            throw new InvalidDataException(
                $"The picture is a JPEG, and {Library} is not on this machine. Install libturbojpeg0, or use PNG.");
        }

        var decoder = InitDecompress();
        try
        {
            fixed (byte* bytes = file)
            {
                return Decode(decoder, bytes, (nuint)file.Length);
            }
        }
        finally
        {
            _ = Destroy(decoder);
        }
    }

    private static RgbImage Decode(nint decoder, byte* file, nuint length)
    {
        int width, height, sampling, space;
        var isRead = ReadHeader(decoder, file, length, &width, &height, &sampling, &space) == 0;
        if (!isRead || width < 1 || height < 1)
        {
            throw Fault(decoder);
        }

        if ((long)width * height > RgbImage.MaximumPixels)
        {
            throw new InvalidDataException(
                $"The JPEG is {width} x {height}; must have at most {RgbImage.MaximumPixels} pixels.");
        }

        var pixels = new byte[width * height * RgbImage.Channels];
        fixed (byte* target = pixels)
        {
            var pitch = width * RgbImage.Channels;
            if (Decompress(decoder, file, length, target, width, pitch, height, Rgb, AccurateDct) != 0)
            {
                throw Fault(decoder);
            }
        }

        return new RgbImage(width, height, pixels);
    }

    private static InvalidDataException Fault(nint decoder) =>
        new($"The JPEG cannot be read: {Marshal.PtrToStringUTF8(ErrorText(decoder))}.");

    [LibraryImport(Library, EntryPoint = "tjInitDecompress")]
    private static partial nint InitDecompress();

    [LibraryImport(Library, EntryPoint = "tjDecompressHeader3")]
    private static partial int ReadHeader(
        nint decoder, byte* file, nuint length, int* width, int* height, int* sampling, int* space);

    [LibraryImport(Library, EntryPoint = "tjDecompress2")]
    private static partial int Decompress(
        nint decoder, byte* file, nuint length, byte* target, int width, int pitch, int height, int pixelFormat,
        int flags);

    [LibraryImport(Library, EntryPoint = "tjGetErrorStr2")]
    private static partial nint ErrorText(nint decoder);

    [LibraryImport(Library, EntryPoint = "tjDestroy")]
    private static partial int Destroy(nint decoder);
}
