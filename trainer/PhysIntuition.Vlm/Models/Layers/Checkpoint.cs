using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>Gradient checkpointing: keeps a layer's input, and runs the layer again going backward.</summary>
internal static class Checkpoint
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
