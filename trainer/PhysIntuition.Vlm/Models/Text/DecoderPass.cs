using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What every layer needs to know about one run of the decoder.</summary>
/// <param name="Rotary">The rotation of the tokens at hand.</param>
/// <param name="Mask">Added to scores [batch, 1, tokens, tokens]; null: causal and no padding.</param>
/// <param name="Cache">Keys and values of earlier tokens; null: none are kept.</param>
internal sealed record DecoderPass(Rotary Rotary, Tensor? Mask, KvCache? Cache);
