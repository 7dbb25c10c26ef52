using PhysIntuition.Gpu.Translation;

namespace PhysIntuition.Gpu.Stages;

/// <summary>The renderer's kernels as a text for a device's compiler.</summary>
internal static class DeviceText
{
    private static readonly Lazy<string> s_body = new(() => KernelTranslator.Translate(
        typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Prepare))!,
        typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Cull))!,
        typeof(DeviceKernels).GetMethod(nameof(DeviceKernels.Draw))!));

    /// <summary>Without a prelude; the same for every compiler.</summary>
    public static string Body => s_body.Value;

    /// <summary>Complete CUDA C.</summary>
    public static string Cuda => CudaPrelude.Text + Body;
}
