using static TorchSharp.torch;

namespace TorchSharp.Modules;

public class LayerNorm : nn.Module<Tensor, Tensor>
{
    private readonly long[] _shape;
    private readonly double _eps;

    internal LayerNorm(long[] shape, double eps, bool affine, bool hasBias, Device? device, ScalarType? dtype)
        : base(nameof(LayerNorm))
    {
        _shape = shape;
        _eps = eps;
        if (!affine)
        {
            return;
        }

        weight = new Parameter(ones(shape, dtype, device));
        register_parameter(nameof(weight), weight);
        if (hasBias)
        {
            bias = new Parameter(zeros(shape, dtype, device));
            register_parameter(nameof(bias), bias);
        }
    }

    public Parameter? weight { get; }

    public Parameter? bias { get; }

    public override Tensor forward(Tensor input) => nn.functional.layer_norm(input, _shape, weight, bias, _eps);
}
