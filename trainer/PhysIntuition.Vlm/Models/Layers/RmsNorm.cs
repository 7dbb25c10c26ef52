using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>w x / sqrt(mean(x²) + eps), statistics in float32.</summary>
internal sealed class RmsNorm : Normalisation
{
    private static readonly long[] s_lastDimension = [-1];

    private readonly Parameter _weight;
    private readonly double _eps;

    internal RmsNorm(WeightScope weights, long width, double eps)
        : base(nameof(RmsNorm))
    {
        _weight = Add("weight", weights.TakeParameter("weight", [width], Initial.Ones));
        _eps = eps;
    }

    internal override Tensor Forward(Tensor x)
    {
        var exact = x.to(ScalarType.Float32);
        var scale = (exact.square().mean(s_lastDimension, keepdim: true) + _eps).rsqrt();
        return (exact * scale).to(x.dtype) * _weight;
    }
}
