using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.IR;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace PhysIntuition.Rendering.Gpu;

/// <summary>Turns the renderer's kernels into PTX through ILGPU, without a device or CUDA's compiler.</summary>
/// <remarks>
/// For compute capability 8.0 and PTX 7.0, which every driver from CUDA 11.0 on takes, for newer devices too. A
/// kernel's parameters are the number of its places, 32 bits, and its arguments' structure by value.
/// </remarks>
internal static partial class PtxCompiler
{
    private static readonly CudaArchitecture s_architecture = CudaArchitecture.SM_80;
    private static readonly CudaInstructionSet s_instructions = CudaInstructionSet.ISA_70;

    private static readonly ConcurrentDictionary<string, string> s_texts = new(StringComparer.Ordinal);

    /// <summary>The text of one of <see cref="DeviceKernels"/>, made once in a process.</summary>
    /// <exception cref="NotSupportedException">ILGPU cannot compile it; says why.</exception>
    public static string Compile(string kernel) =>
        s_texts.GetOrAdd(kernel, name => Compile(typeof(DeviceKernels).GetMethod(name)!));

    /// <inheritdoc cref="Compile(string)"/>
    public static string Compile(MethodInfo kernel)
    {
        using var context = Context.Create(builder => builder.Exact());
        using var backend = new PTXBackend(context, new(s_architecture), s_architecture, s_instructions, nvvmAPI: null);
        var entry = EntryPointDescription.FromImplicitlyGroupedKernel(kernel);
        try
        {
            var compiled = (PTXCompiledKernel)backend.Compile(entry, KernelSpecialization.Empty, default(InlineAll));
            return Renumber(compiled.PTXAssembly);
        }
        catch (InternalCompilerException fault)
        {
            throw new NotSupportedException(
                $"ILGPU cannot compile {kernel.Name}: {fault.GetBaseException().Message}", fault);
        }
    }

    /// <summary>What ILGPU calls a kernel in its text.</summary>
    public static string EntryOf(string kernel) => $"Kernel_{kernel}";

    // ILGPU counts names over the whole process. The same text each time is what the driver's cache knows again.
    private static string Renumber(string ptx)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        return NumberedName().Replace(ptx, name =>
        {
            names.TryAdd(name.Value, $"{name.Groups[1].Value}{names.Count}");
            return names[name.Value];
        });
    }

    [GeneratedRegex(@"\b(?!sm_)(\w*_)\d+\b")]
    private static partial Regex NumberedName();

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
