using System.Runtime.InteropServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    /// <summary>The version of libtorch that the native half was built with.</summary>
    public static string __version__ => Text(Shim.shim_version());

    /// <summary>How libtorch was built, and how it will run: BLAS, OpenMP, CPU capability, threads.</summary>
    public static string show_config() => Text(Shim.shim_configuration());

    public static void set_num_threads(int num) => Check(Shim.shim_set_threads(num));

    public static int get_num_threads() => Shim.shim_get_threads();

    public static void set_num_interop_threads(int num) => Check(Shim.shim_set_interop_threads(num));

    /// <summary>Subnormal floats become zero: they cost a hundred times a normal one.</summary>
    public static bool set_flush_denormal(bool mode) => Shim.shim_set_flush_denormal(mode ? 1 : 0) != 0;

    /// <summary>Seeds the default generators of every device.</summary>
    public static Generator manual_seed(long seed)
    {
        Check(Shim.shim_manual_seed(seed));
        return new Generator((ulong)seed);
    }

    /// <summary>The shim's last error as an exception: the operator's name and the library's first line.</summary>
    internal static ExternalException Failure() =>
        new(Text(Shim.shim_last_error()), new ExternalException(Text(Shim.shim_last_error_detail())));

    internal static void Check(int code)
    {
        if (code != 0)
        {
            throw Failure();
        }
    }

    private static string Text(byte* text) => Marshal.PtrToStringUTF8((nint)text) ?? string.Empty;

    public static class cuda
    {
        public static bool is_available() => Shim.shim_cuda_count() > 0;

        public static int device_count() => Shim.shim_cuda_count();

        public static void manual_seed_all(long seed) => Check(Shim.shim_manual_seed(seed));

        public static void synchronize(Device? device = null) => Check(Shim.shim_cuda_synchronize(device?.index ?? 0));
    }
}
