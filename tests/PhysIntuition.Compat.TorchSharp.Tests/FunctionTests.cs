using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace TorchSharp;

public sealed class FunctionTests
{
    [Fact]
    public void Apply_ManagedBackward_GivesTheGradientThatItComputes()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var x = tensor([1f, 2, -3], [3]).requires_grad_();

        (Cube.apply(x * 2) * 5).sum().backward();

        // d/dx 5 (2x)^3 = 5 * 3 * (2x)^2 * 2 = 120 x^2
        Native.AssertClose([120, 480, 1080], x.grad!, 1e-3f);
    }

    [Fact]
    public void Apply_WithoutGradient_OnlyRunsForward()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var x = tensor([2f], [1]).requires_grad_();

        var y = Cube.apply(x);

        Assert.False(y.requires_grad);
        Assert.Equal(8f, y.item<float>());
    }

    [Fact]
    public void Backward_ManagedException_ArrivesWithItsMessage()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var x = ones([1]).requires_grad_();

        var error = Assert.Throws<ExternalException>(() => Failing.apply(x).sum().backward());

        Assert.Contains("no gradient today", error.Message, StringComparison.Ordinal);
        Assert.StartsWith("backward:", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Backward_InsideABackward_AddsToLeaves()
    {
        Native.Require();
        using var scope = NewDisposeScope();
        var weight = tensor([3f], [1]).requires_grad_();
        var x = tensor([2f], [1]).requires_grad_();

        Recomputing.apply((Func<Tensor, Tensor>)(input => input * input * weight), x).sum().backward();

        Assert.Equal(4f, weight.grad!.item<float>());   // d (x² w) / dw = x²
        Assert.Equal(12f, x.grad!.item<float>());       // 2 x w
    }

    internal sealed class Cube : autograd.SingleTensorFunction<Cube>
    {
        public override string Name => nameof(Cube);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_for_backward([(Tensor)vars[0]]);
            return ((Tensor)vars[0]).pow(3);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            [grad_output * ctx.get_saved_variables()[0].square() * 3];
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => ((Tensor)vars[0]) * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) =>
            throw new InvalidOperationException("no gradient today");
    }

    private sealed class Recomputing : autograd.SingleTensorFunction<Recomputing>
    {
        public override string Name => nameof(Recomputing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("body", vars[0]);
            ctx.save_for_backward([(Tensor)vars[1]]);
            return ((Func<Tensor, Tensor>)vars[0])((Tensor)vars[1]);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var input = ctx.get_saved_variables()[0].detach().requires_grad_();
            using (enable_grad())
            {
                ((Func<Tensor, Tensor>)ctx.get_data("body")!)(input).backward([grad_output]);
            }

            return [null!, input.grad!];
        }
    }
}
