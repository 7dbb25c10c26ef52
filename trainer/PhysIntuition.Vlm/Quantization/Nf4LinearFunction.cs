using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Quantization;

/// <summary>x Wᵀ with W unpacked for the product and again for the gradient, so that no dense copy is kept.</summary>
internal sealed class Nf4LinearFunction : autograd.SingleTensorFunction<Nf4LinearFunction>
{
    private const string WeightKey = "weight";

    public override string Name => nameof(Nf4LinearFunction);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var x = (Tensor)vars[0];
        var packed = (Nf4Weight)vars[1];
        ctx.save_data(WeightKey, packed);
        using var weight = packed.Dequantise(x.dtype);
        return nn.functional.linear(x, weight);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        using var weight = ((Nf4Weight)ctx.get_data(WeightKey)!).Dequantise(grad_output.dtype);
        return [grad_output.matmul(weight), null!];
    }
}
