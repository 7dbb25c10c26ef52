namespace TorchSharp;

public static partial class torch
{
    /// <summary>Nothing inside the scope is recorded for a backward pass.</summary>
    public static IDisposable no_grad() => new GradMode(enabled: false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Shim.shim_grad_enabled() != 0;

    /// <summary>Like <see cref="no_grad"/>, and cheaper: its tensors can never take part in a backward pass.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    private sealed class GradMode : IDisposable
    {
        private readonly int _previous = Shim.shim_grad_enabled();

        internal GradMode(bool enabled) => Shim.shim_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Shim.shim_set_grad_enabled(_previous);
    }

    private sealed class InferenceMode(bool mode) : IDisposable
    {
        private nint _guard = Shim.shim_inference_enter(mode ? 1 : 0);

        public void Dispose() => Shim.shim_inference_exit(Interlocked.Exchange(ref _guard, 0));
    }
}
