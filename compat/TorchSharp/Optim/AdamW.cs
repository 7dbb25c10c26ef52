using static TorchSharp.torch;

namespace TorchSharp.Modules;

public sealed unsafe class AdamW : OptimizerHelper
{
    private readonly ParamGroup[] _groups;

    internal AdamW(
        IEnumerable<ParamGroup> groups, double lr, double beta1, double beta2, double eps, double weightDecay)
    {
        _groups = [.. groups];
        foreach (var group in _groups)
        {
            group.Complete(lr, beta1, beta2, eps, weightDecay);
        }
    }

    public override IEnumerable<optim.ILearningRateController> ParamGroups => _groups;

    private protected override IEnumerable<Tensor> StateTensors =>
        _groups.SelectMany(group => group.Means.Concat(group.Squares));

    private protected override long Steps { get; set; }

    public override IEnumerable<Parameter> parameters() => _groups.SelectMany(group => group.Parameters);

    public override Tensor? step(Func<Tensor>? closure = null)
    {
        var loss = closure?.Invoke();
        Steps++;
        foreach (var group in _groups)
        {
            Step(group);
        }

        return loss;
    }

    private void Step(ParamGroup group)
    {
        fixed (nint* parameters = Handles(group.Parameters))
        fixed (nint* means = Handles(group.Means))
        fixed (nint* squares = Handles(group.Squares))
        {
            Check(Shim.shim_adamw(
                parameters, means, squares, group.Means.Length, Steps,
                group.LearningRate, group.Beta1, group.Beta2, group.Epsilon, group.WeightDecay));
        }

        GC.KeepAlive(group);
    }

    /// <summary>Parameters with settings of their own; what is not set is the optimiser's.</summary>
    public sealed class ParamGroup(IEnumerable<Parameter> parameters, AdamW.Options? options = null)
        : optim.ILearningRateController
    {
        public Parameter[] Parameters { get; } = [.. parameters];

        public double LearningRate { get; set; }

        public double InitialLearningRate { get; set; }

        internal Tensor[] Means { get; private set; } = [];

        internal Tensor[] Squares { get; private set; } = [];

        internal double Beta1 { get; private set; }

        internal double Beta2 { get; private set; }

        internal double Epsilon { get; private set; }

        internal double WeightDecay { get; private set; }

        internal void Complete(double lr, double beta1, double beta2, double eps, double weightDecay)
        {
            LearningRate = InitialLearningRate = options?.LearningRate ?? lr;
            Beta1 = options?.beta1 ?? beta1;
            Beta2 = options?.beta2 ?? beta2;
            Epsilon = options?.eps ?? eps;
            WeightDecay = options?.weight_decay ?? weightDecay;
            Means = [.. Parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
            Squares = [.. Parameters.Select(parameter => zeros_like(parameter).DetachFromDisposeScope())];
        }
    }

    public sealed class Options
    {
        public double? LearningRate { get; set; }

        public double? beta1 { get; set; }

        public double? beta2 { get; set; }

        public double? eps { get; set; }

        public double? weight_decay { get; set; }
    }
}
