using System.Collections.Concurrent;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace PhysIntuition.Gpu.Stages;

/// <summary>The renderer's kernels as PTX, made by ILGPU without a device, a driver or CUDA's compiler.</summary>
/// <remarks>
/// For compute capability 8.0 and PTX 7.0, which every driver from CUDA 11.0 on takes, for newer devices too. A
/// kernel's parameters are the number of its places, 32 bits, and its arguments' structure by value.
/// </remarks>
internal static class PtxText
{
    private static readonly CudaArchitecture s_architecture = CudaArchitecture.SM_80;
    private static readonly CudaInstructionSet s_instructions = CudaInstructionSet.ISA_70;

    private static readonly ConcurrentDictionary<string, string> s_texts = new(StringComparer.Ordinal);

    /// <summary>The text of one of <see cref="DeviceKernels"/>; see <see cref="EntryOf"/>.</summary>
    public static string Of(string kernel) => s_texts.GetOrAdd(kernel, Compile);

    /// <summary>What ILGPU calls a kernel in its text.</summary>
    public static string EntryOf(string kernel) => $"Kernel_{kernel}";

    private static string Compile(string kernel)
    {
        using var context = Context.Create(builder => builder.Exact());
        using var backend = new PTXBackend(context, new(s_architecture), s_architecture, s_instructions, nvvmAPI: null);
        var entry = EntryPointDescription.FromImplicitlyGroupedKernel(typeof(DeviceKernels).GetMethod(kernel)!);
        return ((PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty, default(InlineAll))).PTXAssembly;
    }

    // The stages are not to be inlined on the processor; on a device calls cost more than size.
    private readonly struct InlineAll : IBackendHook
    {
        public void FinishedCodeGeneration(IRContext context, Method entryPoint)
        {
        }

        public void InitializedKernelContext(IRContext kernelContext, Method kernelMethod)
        {
            foreach (var method in kernelContext.Methods)
            {
                if (method != kernelMethod && method.HasImplementation && !method.HasFlags(MethodFlags.Intrinsic))
                {
                    method.AddFlags(MethodFlags.Inline);
                }
            }
        }

        public void OptimizedKernelContext(IRContext kernelContext, Method kernelMethod)
        {
        }
    }
}
