using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>The tower's intermediate tokens, which join the residual stream after the decoder's first layers.</summary>
/// <param name="Places">Rows of the flattened batch that are picture tokens.</param>
/// <param name="Levels">One tensor [picture tokens, hidden] per layer, from the first layer on.</param>
internal sealed record DeepstackInput(Tensor Places, IReadOnlyList<Tensor> Levels)
{
    /// <summary>The stream [batch, tokens, hidden] after one layer, with that layer's level added.</summary>
    internal Tensor AddTo(Tensor x, int layer)
    {
        if (layer >= Levels.Count)
        {
            return x;
        }

        var shape = x.shape;
        return x.view(-1, shape[2]).index_add(0, Places, Levels[layer].to(x.dtype), 1).view(shape);
    }
}
