namespace PhysIntuition.Vlm.Models;

/// <summary>Arithmetic with numbers that outlive the call.</summary>
/// <remarks>The package's operators make a scalar of a number, or a factor of 1 for a sum, and let go of it while
/// libtorch still reads it where a collection comes in between: "INTERNAL ASSERT" out of Scalar.h, seldom.</remarks>
public static class TensorSums
{
    private static readonly TorchSharp.Scalar s_one = 1;

    /// <summary>left + right, broadcast.</summary>
    public static Tensor Plus(this Tensor left, Tensor right) => left.add(right, s_one);

    /// <summary>left += right, of whole numbers, too.</summary>
    internal static Tensor Grow(this Tensor left, Tensor right) => left.add_(right, s_one);

    /// <summary>tensor + a number that the caller holds.</summary>
    internal static Tensor Plus(this Tensor tensor, TorchSharp.Scalar held) => tensor.add(held, s_one);

    /// <summary>tensor + number.</summary>
    public static Tensor Plus(this Tensor tensor, double number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.add(held, s_one);
    }

    /// <summary>tensor + whole number, of whole numbers, too.</summary>
    public static Tensor Plus(this Tensor tensor, long number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.add(held, s_one);
    }

    /// <summary>tensor * number.</summary>
    public static Tensor Times(this Tensor tensor, double number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.mul(held);
    }

    /// <summary>tensor / number.</summary>
    public static Tensor Over(this Tensor tensor, double number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.div(held);
    }

    /// <summary>The tensor held within ends; infinite ends leave it open.</summary>
    public static Tensor Within(this Tensor tensor, double min, double max)
    {
        using TorchSharp.Scalar low = min, high = max;
        return double.IsNegativeInfinity(min) ? tensor.clamp_max(high)
            : double.IsPositiveInfinity(max) ? tensor.clamp_min(low)
            : tensor.clamp(low, high);
    }

    /// <summary>Where the tensor is above a number.</summary>
    public static Tensor IsAbove(this Tensor tensor, double number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.gt(held);
    }

    /// <summary>Where the tensor is below a number.</summary>
    public static Tensor IsBelow(this Tensor tensor, double number)
    {
        using TorchSharp.Scalar held = number;
        return tensor.lt(held);
    }
}

/// <summary>A module of the model; its children carry the names that checkpoints use.</summary>
public abstract class Part(string name) : nn.Module(name)
{
    /// <summary>Adds a child under a checkpoint's name and hands it back.</summary>
    private protected T Add<T>(string name, T child)
        where T : nn.Module
    {
        register_module(name, child);
        return child;
    }

    private protected TorchSharp.Modules.Parameter Add(string name, TorchSharp.Modules.Parameter parameter)
    {
        register_parameter(name, parameter);
        return parameter;
    }

    /// <summary>The linear layers in a module and below it, in the order in which they were added.</summary>
    internal static IEnumerable<LinearLayer> LinearLayersOf(nn.Module module) => module is LinearLayer layer
        ? [layer]
        : module.children().SelectMany(LinearLayersOf);

    /// <summary>Nothing: children and parameters were added under their names; fields are not to be searched.</summary>
    protected override void RegisterComponents()
    {
    }

    /// <summary>Runs a layer; without a backward pass to come, what it made on the way goes at once.</summary>
    private protected static Tensor Tidily(Func<Tensor> layer)
    {
        if (is_grad_enabled())
        {
            return layer();
        }

        using var scope = NewDisposeScope();
        return layer().MoveToOuterDisposeScope();
    }
}

/// <summary>A norm over the last dimension; the shape stays.</summary>
internal abstract class Normalisation(string name) : Part(name)
{
    internal abstract Tensor Forward(Tensor x);
}

/// <summary>w x / sqrt(mean(x²) + eps), statistics in float32.</summary>
internal sealed class RmsNorm : Normalisation
{
    private static readonly long[] s_lastDimension = [-1];

    // Held for the reason that TensorSums gives.
    private static readonly TorchSharp.Scalar s_two = 2;

    private readonly Parameter _weight;
    private readonly TorchSharp.Scalar _eps;

    internal RmsNorm(WeightScope weights, long width, double eps)
        : base(nameof(RmsNorm))
    {
        _weight = Add("weight", weights.TakeParameter("weight", [width], Initial.Ones));
        _eps = eps;
    }

    internal override Tensor Forward(Tensor x)
    {
        var exact = x.to(ScalarType.Float32);
        var scale = exact.pow(s_two).mean(s_lastDimension, keepdim: true).Plus(_eps).rsqrt();
        return (exact * scale).to(x.dtype) * _weight;
    }
}

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

/// <summary>The position-wise half of a transformer block; the shape stays.</summary>
internal abstract class Mlp(string name) : Part(name)
{
    internal abstract Tensor Forward(Tensor x);
}

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

/// <summary>Gradient checkpointing: keeps a layer's input, and runs the layer again going backward.</summary>
internal static class GradientCheckpoint
{
    /// <summary>body(x), keeping only x. Whatever else the body reads must be a leaf or a constant.</summary>
    /// <param name="part">The layer that the body runs; tells whether anything in it learns.</param>
    /// <param name="body">The layer as a function of its input.</param>
    /// <param name="x">The input.</param>
    internal static Tensor Run(Part part, Func<Tensor, Tensor> body, Tensor x)
    {
        if (!is_grad_enabled() || !(x.requires_grad || Learns(part)))
        {
            return body(x);
        }

        // The body's parameters are no arguments, so a frozen input alone would leave the layer without a history.
        using var anchor = zeros([1], device: x.device, requires_grad: true);
        return Recomputed.apply(body, x, anchor);
    }

    private static bool Learns(Part part) =>
        part.parameters().Any(parameter => parameter.requires_grad)
        || Part.LinearLayersOf(part).Any(layer => layer.Adapter is { IsEnabled: true });

    private sealed class Recomputed : autograd.SingleTensorFunction<Recomputed>
    {
        public override string Name => nameof(Recomputed);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var body = (Func<Tensor, Tensor>)vars[0];
            var x = (Tensor)vars[1];
            ctx.save_for_backward([x]);
            ctx.save_data(nameof(body), body);
            ctx.save_data(nameof(x.requires_grad), x.requires_grad);
            using var scope = NewDisposeScope();
            return body(x).MoveToOuterDisposeScope();
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var body = (Func<Tensor, Tensor>)ctx.get_data("body")!;
            var needsInput = (bool)ctx.get_data("requires_grad")!;
            var input = ctx.get_saved_variables()[0].detach().requires_grad_(needsInput);
            using (enable_grad())
            {
                body(input).backward([grad_output]);
            }

            return [null!, needsInput ? input.grad! : null!, null!];
        }
    }
}
