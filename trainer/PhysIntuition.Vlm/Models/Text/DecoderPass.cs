using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What every layer needs to know about one run of the decoder.</summary>
/// <param name="Rotary">The rotation of the tokens at hand.</param>
/// <param name="Mask">Added to scores [batch, 1, tokens, tokens]; null: causal and no padding.</param>
/// <param name="Cache">Keys and values of earlier tokens; null: none are kept.</param>
internal sealed record DecoderPass(Rotary Rotary, Tensor? Mask, KvCache? Cache)
{
    /// <summary>The same for queries of the last tokens alone; a null mask then hides nothing.</summary>
    internal DecoderPass OfLast()
    {
        var last = Rotary.Cos.size(1) - 1;                                                // [batch, tokens, 1, half]
        return this with
        {
            Rotary = new Rotary(Rotary.Cos.narrow(1, last, 1), Rotary.Sin.narrow(1, last, 1)),
            Mask = Mask?.narrow(2, last, 1),
        };
    }
}
