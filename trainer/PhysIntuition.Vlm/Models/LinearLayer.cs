using PhysIntuition.Vlm.Weights;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>y = x Wᵀ + b, with W dense or in four bits, and with an optional low-rank adapter.</summary>
public sealed class LinearLayer : Part
{
    private readonly Parameter? _weight;
    private readonly Nf4Weight? _packed;
    private readonly Parameter? _bias;

    internal LinearLayer(WeightScope weights, long inputs, long outputs, bool hasBias, double scale = 1)
        : base(nameof(LinearLayer))
    {
        Path = weights.Path;
        Inputs = inputs;
        Outputs = outputs;
        var shape = new[] { outputs, inputs };
        if (weights.TakePacked("weight", shape) is { } stored)
        {
            _packed = stored;
        }
        else if (weights.Source.IsQuantised(Path))
        {
            using var dense = weights.Take("weight", shape, Initial.FanIn(inputs, scale));
            _packed = Nf4Weight.Quantise(dense, weights.Source.Placement.Nf4!.IsDouble);
        }
        else
        {
            _weight = Add("weight", weights.TakeParameter("weight", shape, Initial.FanIn(inputs, scale)));
        }

        _bias = hasBias ? Add("bias", weights.TakeParameter("bias", [outputs], Initial.Zeros)) : null;
    }

    /// <summary>The layer's full name, for example model.language_model.layers.0.self_attn.q_proj.</summary>
    public string Path { get; }

    /// <summary>Width of the input.</summary>
    public long Inputs { get; }

    /// <summary>Width of the output.</summary>
    public long Outputs { get; }

    /// <summary>The dense weight [outputs, inputs]; null where it is held in four bits.</summary>
    public Parameter? Weight => _weight;

    /// <summary>The four-bit weight; null where it is dense.</summary>
    public Nf4Weight? Packed => _packed;

    /// <summary>The adapter; null: none.</summary>
    public LoraAdapter? Adapter { get; internal set; }

    /// <summary>The type in which a float32 weight is multiplied; null: its own.</summary>
    internal ScalarType? ComputeType { get; set; }

    /// <summary>Maps [..., inputs] to [..., outputs].</summary>
    public Tensor Forward(Tensor x)
    {
        if (Adapter is not { IsEnabled: true } adapter)
        {
            return Base(x);
        }

        return Base(x) + adapter.Forward(x, training).to(x.dtype);
    }

    private Tensor Base(Tensor x)
    {
        if (_packed is { } packed)
        {
            var product = Nf4LinearFunction.apply(x, packed);
            return _bias is null ? product : product + _bias;
        }

        if (ComputeType is not { } type || type == x.dtype)
        {
            return nn.functional.linear(x, _weight!, _bias);
        }

        // Mixed precision: the product in the narrow type, its sum with the bias in the wide one.
        var narrow = nn.functional.linear(x.to(type), _weight!.to(type)).to(x.dtype);
        return _bias is null ? narrow : narrow + _bias;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _packed?.Dispose();
        }

        base.Dispose(disposing);
    }
}
