using System.Runtime.InteropServices;
using TorchSharp;

namespace PhysIntuition.Vlm;

/// <summary>One thread, so that sums have one order; skips a test where libtorch is not packaged.</summary>
internal static class NativeTorch
{
    public static void Require()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && RuntimeInformation.OSArchitecture == Architecture.X64,
            "libtorch for the CPU is packaged for linux-x64 alone.");
        torch.set_num_threads(1);
    }
}
