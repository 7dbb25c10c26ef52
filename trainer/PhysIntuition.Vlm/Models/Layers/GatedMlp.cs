using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>down(silu(gate(x)) up(x)); the decoder's MLP, and with biases the Qwen2.5-VL tower's.</summary>
internal sealed class GatedMlp : Mlp
{
    private readonly LinearLayer _gate;
    private readonly LinearLayer _up;
    private readonly LinearLayer _down;

    internal GatedMlp(WeightScope weights, long width, long inner, bool hasBias, double outputScale)
        : base(nameof(GatedMlp))
    {
        _gate = Add("gate_proj", new LinearLayer(weights.Child("gate_proj"), width, inner, hasBias));
        _up = Add("up_proj", new LinearLayer(weights.Child("up_proj"), width, inner, hasBias));
        _down = Add("down_proj", new LinearLayer(weights.Child("down_proj"), inner, width, hasBias, outputScale));
    }

    internal override Tensor Forward(Tensor x)
    {
        var gated = nn.functional.silu(_gate.Forward(x)) * _up.Forward(x);   // [..., inner]
        return _down.Forward(gated);                                         // [..., width]
    }
}
