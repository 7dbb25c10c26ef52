using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp;

public sealed class OptimizerTests
{
    [Fact]
    public void AdamW_ThreeSteps_FollowsThePublishedUpdate()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        const double lr = 0.1, beta1 = 0.9, beta2 = 0.99, eps = 1e-8, decay = 0.05;
        double[] start = [1.5, -2, 0.25];
        var parameter = new Parameter(tensor(start, [3], float32));
        using var optimiser = optim.AdamW([parameter], lr, beta1, beta2, eps, decay);
        var (x, m, v) = (start.ToArray(), new double[3], new double[3]);

        for (var t = 1; t <= 3; t++)
        {
            optimiser.zero_grad();
            parameter.square().sum().backward();
            optimiser.step();
            for (var i = 0; i < 3; i++)
            {
                var g = 2 * x[i];
                x[i] -= lr * decay * x[i];
                m[i] = (beta1 * m[i]) + ((1 - beta1) * g);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g * g);
                var step = m[i] / (1 - Math.Pow(beta1, t)) / (Math.Sqrt(v[i] / (1 - Math.Pow(beta2, t))) + eps);
                x[i] -= lr * step;
            }
        }

        Native.AssertClose([.. x.Select(value => (float)value)], parameter, 1e-5f);
    }

    [Fact]
    public void AdamW_ManyParameters_MovesLargeOnesLikeSmallOnes()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var values = randn([1037], generator: generator);
        var whole = new Parameter(values.clone());
        Parameter[] pieces = [.. values.split(100).Select(part => new Parameter(part.clone()))];
        using var first = optim.AdamW([whole], lr: 0.01, weight_decay: 0.1);
        using var second = optim.AdamW(pieces, lr: 0.01, weight_decay: 0.1);

        for (var step = 0; step < 3; step++)
        {
            first.zero_grad();
            second.zero_grad();
            whole.pow(4).sum().backward();
            pieces.Select(piece => piece.pow(4).sum()).Aggregate((a, b) => a + b).backward();
            first.step();
            second.step();
        }

        Native.AssertClose(Native.Values(cat(pieces)), whole);
    }

    [Fact]
    public void SGD_WithMomentum_AddsUpVelocity()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var parameter = new Parameter(tensor([1f], [1]));
        using var optimiser = optim.SGD([parameter], learningRate: 0.1, momentum: 0.5);

        for (var step = 0; step < 2; step++)
        {
            optimiser.zero_grad();
            (parameter * 2).sum().backward();
            optimiser.step();
        }

        // Velocities 2 and 0.5 * 2 + 2 = 3: 1 - 0.1 * (2 + 3).
        Assert.Equal(0.5f, parameter.item<float>(), 1e-6f);
    }

    [Fact]
    public void StateDict_SavedAndLoaded_ContinuesAsIfNeverStopped()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        var (first, second) = (new Parameter(tensor([3f, -1f], [2])), new Parameter(tensor([3f, -1f], [2])));
        using var whole = optim.AdamW([first], lr: 0.1);
        using var before = optim.AdamW([second], lr: 0.1);
        Step(whole, first);
        Step(before, second);
        before.save_state_dict(path);
        using var after = optim.AdamW([second], lr: 0.1);
        after.load_state_dict(path);
        File.Delete(path);

        Step(whole, first);
        Step(after, second);

        Assert.Equal(Native.Values(first), Native.Values(second));

        static void Step(AdamW optimiser, Parameter parameter)
        {
            optimiser.zero_grad();
            parameter.square().sum().backward();
            optimiser.step();
        }
    }

    [Fact]
    public void ClipGradNorm_LargeGradients_ScalesThemToTheBound()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var (a, b) = (new Parameter(zeros([1])), new Parameter(zeros([1])));
        ((a * 3) + (b * 4)).sum().backward();

        var norm = nn.utils.clip_grad_norm_([a, b], 1);

        Assert.Equal(5, norm, 1e-5);
        Native.AssertClose([0.6f, 0.8f], cat([a.grad!, b.grad!]), 1e-5f);
    }
}
