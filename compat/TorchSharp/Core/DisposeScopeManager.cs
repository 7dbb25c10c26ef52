namespace TorchSharp;

public static class DisposeScopeManager
{
    /// <summary>References to native tensors that are alive in the process.</summary>
    public static long LiveTensors => Shim.shim_live_tensors();
}
