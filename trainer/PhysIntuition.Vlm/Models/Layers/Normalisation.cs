using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>A norm over the last dimension; the shape stays.</summary>
internal abstract class Normalisation(string name) : Part(name)
{
    internal abstract Tensor Forward(Tensor x);
}
