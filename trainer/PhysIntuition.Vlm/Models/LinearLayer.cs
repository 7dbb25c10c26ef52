using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace PhysIntuition.Vlm.Models;

/// <summary>y = x Wᵀ + b, with W dense or in four bits, and with an optional low-rank adapter.</summary>
public sealed class LinearLayer : Part
{
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
            Packed = stored;
        }
        else if (weights.Source.IsQuantised(Path))
        {
            using var dense = weights.Take("weight", shape, Initial.FanIn(inputs, scale));
            Packed = Nf4Weight.Quantise(dense, weights.Source.Placement.Nf4!.IsDouble);
        }
        else
        {
            Weight = Add("weight", weights.TakeParameter("weight", shape, Initial.FanIn(inputs, scale)));
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
    public Parameter? Weight { get; }

    /// <summary>The four-bit weight; null where it is dense.</summary>
    public Nf4Weight? Packed { get; }

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

        return Base(x).Plus(adapter.Forward(x, training).to(x.dtype));
    }

    private Tensor Base(Tensor x)
    {
        if (Packed is { } packed)
        {
            var product = Nf4LinearFunction.apply(x, packed);
            return _bias is null ? product : product.Plus(_bias);
        }

        if (ComputeType is not { } type || type == x.dtype)
        {
            return LinearProduct.Of(x, Weight!, _bias);
        }

        // Mixed precision: the product in the narrow type, its sum with the bias in the wide one.
        var narrow = nn.functional.linear(x.to(type), Weight!.to(type)).to(x.dtype);
        return _bias is null ? narrow : narrow.Plus(_bias);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Packed?.Dispose();
        }

        base.Dispose(disposing);
    }
}

/// <summary>x Wᵀ + b, where most of the time goes.</summary>
internal static class LinearProduct
{
    private const int FewestRows = 128;             // below, laying out the weights anew costs what the kernels win
    private const int FewestImages = 16;            // libtorch gives oneDNN a 1 x 1 convolution from 16 images on
    private const long MostWeights = 1 << 24;       // they are laid out anew at every call: 64 MB in passing, no more
    private const int IntelFirst = 0x756E6547;      // "Genu"
    private const int CacheLeaf = unchecked((int)0x8000001D);

    // libtorch's MKL takes AVX2 kernels on other makers' processors, half the speed of oneDNN's with AVX-512.
    private static readonly bool s_convolves =
        Avx512F.IsSupported && X86Base.CpuId(0, 0).Ebx != IntelFirst && TellsItsCaches();

    /// <summary>Maps [..., inputs] to [..., outputs] by the faster of two ways.</summary>
    internal static Tensor Of(Tensor x, Tensor weight, Tensor? bias)
    {
        var images = s_convolves && x.device.type == DeviceType.CPU && x.dtype == ScalarType.Float32
            && weight.numel() <= MostWeights ? Images(x.numel() / weight.size(1)) : 0;
        return images > 0 ? Convolved(x, weight, bias, images) : nn.functional.linear(x, weight, bias);
    }

    // Where a virtual machine hides its caches, oneDNN divides by their sizes, 0, or computes wrong sums.
    private static bool TellsItsCaches() =>
        X86Base.CpuId(int.MinValue, 0).Eax >= CacheLeaf && (X86Base.CpuId(CacheLeaf, 0).Eax & 0x1F) != 0;

    /// <summary>The same as a 1 x 1 convolution: rows are pixels, of so many images.</summary>
    internal static Tensor Convolved(Tensor x, Tensor weight, Tensor? bias, long images)
    {
        var (outputs, inputs) = (weight.size(0), weight.size(1));
        using var rows = x.reshape(images, -1, 1, inputs);
        using var pixels = rows.permute(0, 3, 1, 2);                              // [images, inputs, pixels, 1]
        using var matrix = weight.view(outputs, 1, 1, inputs);
        using var kernel = matrix.permute(0, 3, 1, 2);                            // [outputs, inputs, 1, 1]
        using var convolved = nn.functional.conv2d(pixels, kernel, bias);         // [images, outputs, pixels, 1]
        using var last = convolved.permute(0, 2, 3, 1);
        return last.reshape([.. x.shape.AsSpan(0, (int)x.ndim - 1), outputs]);
    }

    /// <summary>Images of equally many pixels that so many rows make; 0 where they make none.</summary>
    internal static long Images(long rows)
    {
        for (long images = FewestImages; rows >= FewestRows && images <= rows / 4; images++)
        {
            if (rows % images == 0)
            {
                return images;
            }
        }

        return 0;
    }
}
