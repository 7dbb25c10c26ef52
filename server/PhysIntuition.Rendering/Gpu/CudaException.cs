namespace PhysIntuition.Rendering.Gpu;

/// <summary>CUDA refused a call; the message names the call and CUDA's reason.</summary>
/// <param name="call">Function of the driver.</param>
/// <param name="code">What it returned.</param>
/// <param name="reason">Its name and text.</param>
public sealed class CudaException(string call, int code, string reason)
    : Exception($"{call} failed: {reason} ({code}).")
{
    /// <summary>The function that failed.</summary>
    public string Call { get; } = call;

    /// <summary>Its result, a CUresult.</summary>
    public int Code { get; } = code;
}
