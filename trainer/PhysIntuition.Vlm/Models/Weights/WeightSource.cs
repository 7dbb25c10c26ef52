using PhysIntuition.Vlm.Quantization;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Gives a model its tensors while it is built, in the model's type and on its device.</summary>
internal abstract class WeightSource(WeightPlacement placement)
{
    internal WeightPlacement Placement { get; } = placement;

    /// <summary>The tensor of that full name and shape; the caller owns it.</summary>
    internal abstract Tensor Take(string name, long[] shape, Initial initial);

    /// <summary>The weight where the checkpoint itself holds it in four bits, else null; the caller owns it.</summary>
    internal virtual Nf4Weight? TakePacked(string name, long[] shape) => null;

    /// <summary>Whether the linear layer at that path is stored in four bits.</summary>
    internal bool IsQuantised(string path) => Placement.Nf4 is { } options && !options.Skips(path);

    internal WeightScope Root => new(this, "");
}
