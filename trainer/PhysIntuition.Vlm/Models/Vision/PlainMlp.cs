using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>fc2(gelu(fc1(x))) with the tanh form of GELU; the Qwen3-VL tower's MLP.</summary>
internal sealed class PlainMlp : Mlp
{
    private readonly LinearLayer _fc1;
    private readonly LinearLayer _fc2;

    internal PlainMlp(WeightScope weights, long width, long inner, double outputScale)
        : base(nameof(PlainMlp))
    {
        _fc1 = Add("linear_fc1", new LinearLayer(weights.Child("linear_fc1"), width, inner, hasBias: true));
        _fc2 = Add("linear_fc2", new LinearLayer(
            weights.Child("linear_fc2"), inner, width, hasBias: true, outputScale));
    }

    internal override Tensor Forward(Tensor x) =>
        _fc2.Forward(nn.functional.gelu(_fc1.Forward(x), GELU.Approximate.tanh));
}
