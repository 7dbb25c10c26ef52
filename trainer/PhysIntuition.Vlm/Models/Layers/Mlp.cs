using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>The position-wise half of a transformer block; the shape stays.</summary>
internal abstract class Mlp(string name) : Part(name)
{
    internal abstract Tensor Forward(Tensor x);
}
