using System.Reflection;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace PhysIntuition.Embedded;

/// <summary>The folder of this library, where that of Skia lies; the runtime looks beside the program alone.</summary>
internal static unsafe partial class OwnFolder
{
    private const string Skia = "libSkiaSharp";

    /// <summary>Has Skia looked for here before elsewhere.</summary>
    public static void LetSkiaBeFound() =>
        NativeLibrary.SetDllImportResolver(typeof(SKPixmap).Assembly, Resolve);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? paths)
    {
        if (name != Skia || dladdr((nint)(delegate* unmanaged<byte*>)&Exports.Version, out var here) == 0)
        {
            return 0;
        }

        var folder = Path.GetDirectoryName(Marshal.PtrToStringUTF8(here.File)) ?? "";
        return NativeLibrary.TryLoad(Path.Combine(folder, Skia + ".so"), out var library) ? library : 0;
    }

    [LibraryImport("libc")]
    private static partial int dladdr(nint address, out Place place);

    // Dl_info of dlfcn.h.
    [StructLayout(LayoutKind.Sequential)]
    private struct Place
    {
        public nint File;
        public nint Start;
        public nint Name;
        public nint Symbol;
    }
}
