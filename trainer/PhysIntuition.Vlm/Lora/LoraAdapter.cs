using TorchSharp.Modules;
using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Lora;

/// <summary>A low-rank addition to one linear layer: y += scale B A dropout(x), in float32.</summary>
/// <remarks>Source: Hu et al., "LoRA: Low-Rank Adaptation of Large Language Models", 2021, equation 3.</remarks>
public sealed class LoraAdapter : IDisposable
{
    private readonly LinearLayer _layer;
    private readonly double _scale;
    private readonly double _dropout;
    private readonly ulong _seed;

    internal LoraAdapter(LinearLayer layer, LoraConfig config, ulong seed, Device device)
    {
        _layer = layer;
        _scale = config.Scale;
        _dropout = config.Dropout;
        _seed = seed;
        using var generator = new Generator(seed, device);
        var bound = 1 / Math.Sqrt(layer.Inputs);
        A = new Parameter(empty([config.Rank, layer.Inputs], ScalarType.Float32, device)
            .uniform_(-bound, bound, generator));
        B = new Parameter(zeros([layer.Outputs, config.Rank], ScalarType.Float32, device));
        A.DetachFromDisposeScope();
        B.DetachFromDisposeScope();
    }

    /// <summary>Down-projection [rank, inputs]; starts uniform.</summary>
    public Parameter A { get; }

    /// <summary>Up-projection [outputs, rank]; starts at zero, so that a new adapter changes nothing.</summary>
    public Parameter B { get; }

    /// <summary>Off: the layer is the base model's.</summary>
    public bool IsEnabled { get; internal set; } = true;

    /// <summary>Base weight plus addition, while merged.</summary>
    internal Tensor? Merged { get; private set; }

    /// <summary>Counts training steps; dropout is the same whenever one step is computed again.</summary>
    internal long Step { get; set; }

    /// <summary>Releases the parameters.</summary>
    public void Dispose()
    {
        Unmerge();
        A.Dispose();
        B.Dispose();
    }

    /// <summary>scale B A dropout(x) in float32 [..., outputs].</summary>
    internal Tensor Forward(Tensor x, bool isTraining)
    {
        var input = x.to(ScalarType.Float32);
        if (isTraining && _dropout > 0)
        {
            input = Drop(input);
        }

        var low = nn.functional.linear(input, A);               // [..., rank]
        return nn.functional.linear(low, B) * _scale;           // [..., outputs]
    }

    /// <summary>scale B A [outputs, inputs], float32.</summary>
    internal Tensor Delta() => B.matmul(A) * _scale;

    internal void Merge(ScalarType type)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Merged?.Dispose();
        Merged = (_layer.DenseWeight(ScalarType.Float32) + Delta()).to(type).DetachFromDisposeScope();
    }

    internal void Unmerge()
    {
        Merged?.Dispose();
        Merged = null;
    }

    // Gradient checkpointing runs layers twice and must drop the same elements, hence a generator per step.
    private Tensor Drop(Tensor input)
    {
        using var off = no_grad();
        using var generator = new Generator(_seed ^ ((ulong)(Step + 1) * 0x9E3779B97F4A7C15), input.device);
        var kept = rand(input.shape, ScalarType.Float32, input.device, generator: generator).ge(_dropout);
        using var on = enable_grad();
        return input * (kept.to(ScalarType.Float32) / (1 - _dropout));
    }
}
