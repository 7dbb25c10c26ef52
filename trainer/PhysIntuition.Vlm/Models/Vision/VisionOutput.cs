using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>What the tower gives the decoder.</summary>
/// <param name="Tokens">The pictures' tokens [tokens, decoder width].</param>
/// <param name="Deepstack">What is added after the decoder's first layers, each of the same shape.</param>
public sealed record VisionOutput(Tensor Tokens, IReadOnlyList<Tensor> Deepstack);
