using TorchSharp;

namespace PhysIntuition.Vlm.Testing;

/// <summary>Skips a test, with the reason, where libtorch is not built for .NET.</summary>
internal static class NativeTorch
{
    private static readonly string? s_missing = FindFault();

    public static void Require() => Assert.SkipWhen(s_missing is not null, $"libtorch is absent: {s_missing}");

    private static string? FindFault()
    {
        try
        {
            torch.set_num_threads(1);
            return null;
        }
        catch (Exception error) when (error is NotSupportedException or TypeInitializationException)
        {
            return (error.InnerException ?? error).Message;
        }
    }
}
