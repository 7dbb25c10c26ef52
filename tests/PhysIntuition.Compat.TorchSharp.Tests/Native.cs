using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>Skips a test, with the reason, where the native half is not built.</summary>
internal static class Native
{
    private static readonly string? s_missing = FindFault();

    public static void Require() => Assert.SkipWhen(s_missing is not null, $"the native half is absent: {s_missing}");

    public static float[] Values(Tensor tensor) => tensor.to(ScalarType.Float32).data<float>().ToArray();

    public static void AssertClose(float[] expected, Tensor actual, float tolerance = 1e-6f)
    {
        var values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    private static string? FindFault()
    {
        try
        {
            set_num_threads(1);
            return null;
        }
        catch (Exception error) when (error is DllNotFoundException or TypeInitializationException)
        {
            return (error.InnerException ?? error).Message;
        }
    }
}
