using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed class SGD : OptimizerHelper, optim.ILearningRateController
{
    private readonly Parameter[] _parameters;
    private readonly Tensor[] _velocities;
    private readonly double _momentum;
    private readonly double _weightDecay;

    internal SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum, double weightDecay)
    {
        _parameters = [.. parameters];
        _momentum = momentum;
        _weightDecay = weightDecay;
        _velocities = momentum == 0
            ? []
            : [.. _parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
        LearningRate = InitialLearningRate = learningRate;
    }

    public double LearningRate { get; set; }

    public double InitialLearningRate { get; set; }

    public override IEnumerable<optim.ILearningRateController> ParamGroups => [this];

    private protected override IEnumerable<Tensor> StateTensors => _velocities;

    private protected override long Steps { get; set; }

    public override IEnumerable<Parameter> parameters() => _parameters;

    public override Tensor? step(Func<Tensor>? closure = null)
    {
        var loss = closure?.Invoke();
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Steps++;
        for (var i = 0; i < _parameters.Length; i++)
        {
            Step(i);
        }

        return loss;
    }

    private void Step(int index)
    {
        var parameter = _parameters[index];
        if (parameter.grad is not { } gradient)
        {
            return;
        }

        if (_weightDecay != 0)
        {
            gradient = gradient.add(parameter, _weightDecay);
        }

        // The first velocity is the gradient itself: zero times momentum plus gradient.
        var direction = _momentum == 0 ? gradient : _velocities[index].mul_(_momentum).add_(gradient);
        parameter.add_(direction, -LearningRate);
    }
}
