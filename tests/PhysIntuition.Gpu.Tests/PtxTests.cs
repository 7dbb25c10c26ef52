using System.Text.RegularExpressions;
using PhysIntuition.Gpu.Stages;

namespace PhysIntuition.Gpu.Tests;

/// <summary>What ILGPU makes of the kernels: nothing in it is left to the taste of the driver's compiler.</summary>
public sealed class PtxTests
{
    public static TheoryData<string> Kernels =>
        [nameof(DeviceKernels.Prepare), nameof(DeviceKernels.Cull), nameof(DeviceKernels.Draw)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Of_Kernel_SaysHowEveryOperationRounds(string kernel)
    {
        var text = PtxText.Of(kernel);

        Assert.DoesNotMatch(new Regex(@"\b(add|sub|mul|mad)\.f(32|64)"), text);   // may be fused
        Assert.DoesNotMatch(new Regex(@"\.(ftz|approx|full|sat)\b|\.f64\b"), text);
        Assert.DoesNotMatch(new Regex(@"\b(min|max)\.f32"), text);                // of NaN and -0: not the processor's
        Assert.DoesNotMatch(new Regex(@"\bcvt\.rzi\.[us](8|16)\."), text);        // ends at the type's limits
        Assert.DoesNotMatch(new Regex(@"@!?%p\d+ bra\.uni"), text);               // threads of a warp may differ
        Assert.DoesNotContain("\tcall", text);
        Assert.Contains($".visible .entry {PtxText.EntryOf(kernel)}(", text);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Of_Kernel_IsForEveryDriverFromCuda11On(string kernel)
    {
        var text = PtxText.Of(kernel);

        Assert.Contains(".version 7.0\n.target sm_80\n", text.ReplaceLineEndings("\n"));
    }
}
