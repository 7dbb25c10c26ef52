using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Layer norm with weight and bias, as the Qwen3-VL tower uses it.</summary>
internal sealed class LayerNormalisation : Normalisation
{
    private const double Epsilon = 1e-6;

    private readonly long[] _shape;
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    internal LayerNormalisation(WeightScope weights, long width)
        : base(nameof(LayerNormalisation))
    {
        _shape = [width];
        _weight = Add("weight", weights.TakeParameter("weight", _shape, Initial.Ones));
        _bias = Add("bias", weights.TakeParameter("bias", _shape, Initial.Zeros));
    }

    internal override Tensor Forward(Tensor x) => nn.functional.layer_norm(x, _shape, _weight, _bias, Epsilon);
}
