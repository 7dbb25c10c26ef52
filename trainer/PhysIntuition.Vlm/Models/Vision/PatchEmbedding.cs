using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>The convolution whose stride is its kernel: a linear layer on unfolded patches.</summary>
internal sealed class PatchEmbedding : Part
{
    private readonly Projection _projection;

    internal PatchEmbedding(WeightScope weights, VisionConfig config)
        : base(nameof(PatchEmbedding)) =>
        _projection = Add("proj", new Projection(weights.Child("proj"), config));

    /// <summary>Maps pixel values [patches, channel frame row column] to [patches, width].</summary>
    internal Tensor Forward(Tensor pixels, ScalarType? computeType) => _projection.Forward(pixels, computeType);

    private sealed class Projection : Part
    {
        private readonly Parameter _weight;
        private readonly Parameter? _bias;

        internal Projection(WeightScope weights, VisionConfig config)
            : base(nameof(Projection))
        {
            long[] shape =
            [
                config.HiddenSize, config.InChannels, config.TemporalPatchSize, config.PatchSize, config.PatchSize,
            ];
            _weight = Add("weight", weights.TakeParameter("weight", shape, Initial.FanIn(config.PatchWidth)));
            _bias = config.FullattBlockIndexes is null
                ? Add("bias", weights.TakeParameter("bias", [config.HiddenSize], Initial.Zeros))
                : null;
        }

        internal Tensor Forward(Tensor pixels, ScalarType? computeType)
        {
            var matrix = _weight.view(_weight.size(0), -1);   // [width, channel frame row column]
            if (computeType is not { } type || type == _weight.dtype)
            {
                return nn.functional.linear(pixels.to(_weight.dtype), matrix, _bias);
            }

            var narrow = nn.functional.linear(pixels.to(type), matrix.to(type)).to(_weight.dtype);
            return _bias is null ? narrow : narrow + _bias;
        }
    }
}
