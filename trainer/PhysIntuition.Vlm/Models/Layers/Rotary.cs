using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Rotates halves of heads: (a, b) becomes (a cos - b sin, b cos + a sin).</summary>
/// <param name="Cos">Cosines of the angles, broadcastable to half a head.</param>
/// <param name="Sin">Sines likewise.</param>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    /// <summary>Rotates heads [..., head width] in the type of the cosines.</summary>
    internal Tensor Apply(Tensor heads)
    {
        var half = heads.size(-1) / 2;
        var a = heads.narrow(-1, 0, half);
        var b = heads.narrow(-1, half, half);
        return cat([addcmul(a * Cos, b, Sin, -1), addcmul(b * Cos, a, Sin, 1)], -1);
    }
}
