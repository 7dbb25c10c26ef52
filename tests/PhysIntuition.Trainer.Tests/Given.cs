using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer;

/// <summary>Tensors for tests.</summary>
internal static class Given
{
    /// <summary>A float64 tensor of one axis.</summary>
    public static Tensor Doubles(double[] values)
    {
        var filled = zeros([values.Length], ScalarType.Float64);
        MemoryMarshal.AsBytes<double>(values).CopyTo(filled.bytes);
        return filled;
    }
}
