using System.Reflection;
using System.Runtime.Loader;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using ILGPU;
using PhysIntuition.Rendering.Gpu;

namespace PhysIntuition.Rendering.Tests.Gpu;

/// <summary>What ILGPU makes of the kernels: nothing in it is left to the driver's compiler.</summary>
public sealed class PtxCompilerTests
{
    public static TheoryData<string> Kernels =>
        [nameof(DeviceKernels.Prepare), nameof(DeviceKernels.Cull), nameof(DeviceKernels.Draw)];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compile_Kernel_SaysHowEveryOperationRounds(string kernel)
    {
        var text = PtxCompiler.Compile(kernel);

        Assert.DoesNotMatch(new Regex(@"\b(add|sub|mul|mad)\.f(32|64)"), text);   // may be fused
        Assert.DoesNotMatch(new Regex(@"\.(ftz|approx|full|sat)\b|\.f64\b"), text);
        Assert.DoesNotMatch(new Regex(@"\b(min|max)\.f32"), text);                // of NaN and -0: not the processor's
        Assert.DoesNotMatch(new Regex(@"\bcvt\.rzi\.[us](8|16)\."), text);        // ends at the type's limits
        Assert.DoesNotMatch(new Regex(@"@!?%p\d+ bra\.uni"), text);               // threads of a warp may differ
        Assert.DoesNotContain("\tcall", text);
        Assert.Contains($".visible .entry {PtxCompiler.EntryOf(kernel)}(", text);
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compile_Kernel_IsForEveryDriverFromCuda11On(string kernel)
    {
        var text = PtxCompiler.Compile(kernel);

        Assert.Contains(".version 7.0\n.target sm_80\n", text.ReplaceLineEndings("\n"));
    }

    /// <remarks>
    /// The text follows from the kernels' IL and ILGPU alone. After a change of either, or of the C# compiler, the
    /// tests of bytes judge the new text; PHYSINTUITION_UPDATE_GOLDEN=1 writes its hash.
    /// </remarks>
    [Theory]
    [MemberData(nameof(Kernels))]
    public void Compile_Kernel_GivesTheTextOfTheGoldenHash(string kernel)
    {
        var text = PtxCompiler.Compile(kernel).ReplaceLineEndings("\n");

        var hash = Convert.ToHexStringLower(SHA256.HashData(System.Text.Encoding.ASCII.GetBytes(text)));
        Golden.AssertText($"ptx-{kernel.ToLowerInvariant()}.sha256", hash);
    }

    [Fact]
    public void Compile_Again_GivesTheSameText()
    {
        var method = typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Cull))!;

        Assert.Equal(PtxCompiler.Compile(method), PtxCompiler.Compile(method));
    }

    [Fact]
    public void Compile_MethodThatIlgpuCannotTake_SaysWhich()
    {
        var method = typeof(PtxCompilerTests).GetMethod(
            nameof(Speak), BindingFlags.Static | BindingFlags.NonPublic)!;

        var fault = Assert.Throws<NotSupportedException>(() => PtxCompiler.Compile(method));

        Assert.StartsWith("ILGPU cannot compile Speak: ", fault.Message);
    }

    [Fact]
    public void TryCreate_WithoutDriver_LoadsNoIlgpu()
    {
        var context = new Recording();
        var renderer = context.LoadFromAssemblyPath(typeof(CudaRenderer).Assembly.Location)
            .GetType(typeof(CudaRenderer).FullName!)!;
        var tryCreate = renderer.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Single(method => method.Name == nameof(CudaRenderer.TryCreate));

        var isThere = (bool)tryCreate.Invoke(null, ["libno-such-driver.so", null, null, 0])!;

        Assert.False(isThere);
        Assert.DoesNotContain("ILGPU", context.Asked);
        Assert.Contains("PhysIntuition.Simulation", context.Asked);   // it does record
    }

    private static void Speak(Index1D place, PrepareArguments arguments) =>
        Console.WriteLine(arguments.InputBytes.ToString());

    private sealed class Recording() : AssemblyLoadContext(nameof(Recording))
    {
        public List<string> Asked { get; } = [];

        protected override Assembly? Load(AssemblyName name)
        {
            Asked.Add(name.Name!);
            return null;
        }
    }
}
