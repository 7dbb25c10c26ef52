using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace PhysIntuition.Benchmarks.Reports;

/// <summary>Says on what the figures were measured.</summary>
internal static class Machine
{
    /// <summary>Cores, processor, widest vectors in use, runtime and system in one line.</summary>
    public static string Describe() =>
        $"{Environment.ProcessorCount}-core {Processor()}, {VectorBits()}-bit vectors, "
        + $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}";

    private static string Processor()
    {
        const string cpuinfo = "/proc/cpuinfo";
        var line = File.Exists(cpuinfo)
            ? File.ReadLines(cpuinfo).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line?[(line.IndexOf(':') + 1)..].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
    }

    private static int VectorBits() =>
        Vector512.IsHardwareAccelerated ? 512
        : Vector256.IsHardwareAccelerated ? 256
        : Vector128.IsHardwareAccelerated ? 128 : 32;
}
