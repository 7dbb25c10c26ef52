using PhysIntuition.Vlm.Quantization;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Where and how a model's weights are held.</summary>
public sealed record WeightPlacement
{
    /// <summary>Element type: float32 or bfloat16.</summary>
    public ScalarType Type { get; init; } = ScalarType.Float32;

    /// <summary>The device; the CPU unless given.</summary>
    public Device Device { get; init; } = CPU;

    /// <summary>Holds linear layers in four bits; null: does not.</summary>
    public Nf4Options? Nf4 { get; init; }

    /// <summary>Whether base weights learn. Adapters learn whatever this says.</summary>
    public bool IsTrainable { get; init; }
}
