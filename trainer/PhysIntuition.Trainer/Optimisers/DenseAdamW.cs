using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PhysIntuition.Trainer.Optimisers;

/// <summary>AdamW with moments in float32.</summary>
internal sealed class DenseAdamW(IEnumerable<Parameter> parameters, MomentOptions options) : IOptimiser
{
    private readonly AdamW _inner = optim.AdamW(
        parameters, beta1: options.Beta1, beta2: options.Beta2, weight_decay: options.WeightDecay);

    public void Step(double learningRate)
    {
        foreach (var group in _inner.ParamGroups)
        {
            group.LearningRate = learningRate;
        }

        _inner.step();
        _inner.zero_grad();
    }

    public void Save(string path) => _inner.save_state_dict(path);

    public void Load(string path) => _inner.load_state_dict(path);

    public void Dispose() => _inner.Dispose();
}

/// <summary>How AdamW averages and decays.</summary>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="WeightDecay">Share of a weight that a step at learning rate 1 takes away.</param>
internal readonly record struct MomentOptions(double Beta1, double Beta2, double WeightDecay);
