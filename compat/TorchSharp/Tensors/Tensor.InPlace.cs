namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public Tensor add_(Tensor target) => add_(target, 1);

        public Tensor add_(Tensor target, Scalar alpha) =>
            Changed(Shim.shim_add_(Handle, target.Handle, alpha.Value), target);

        public Tensor add_(Scalar scalar) => Changed(Shim.shim_add_number_(Handle, scalar.Value));

        public Tensor sub_(Tensor target) => Changed(Shim.shim_sub_(Handle, target.Handle, new Number(1L)), target);

        public Tensor sub_(Scalar scalar) => Changed(Shim.shim_sub_number_(Handle, scalar.Value));

        public Tensor mul_(Tensor target) => Changed(Shim.shim_mul_(Handle, target.Handle), target);

        public Tensor mul_(Scalar scalar) => Changed(Shim.shim_mul_number_(Handle, scalar.Value));

        public Tensor div_(Tensor target) => Changed(Shim.shim_div_(Handle, target.Handle), target);

        public Tensor div_(Scalar target) => Changed(Shim.shim_div_number_(Handle, target.Value));

        public Tensor copy_(Tensor source, bool nonBlocking = false) =>
            Changed(Shim.shim_copy_(Handle, source.Handle, Flag(nonBlocking)), source);

        public Tensor fill_(Scalar value) => Changed(Shim.shim_fill_number_(Handle, value.Value));

        public Tensor zero_() => Changed(Shim.shim_zero_(Handle));

        public Tensor sqrt_() => Changed(Shim.shim_sqrt_(Handle));

        public Tensor normal_(double mean = 0, double std = 1, Generator? generator = null) =>
            Changed(Shim.shim_normal_(Handle, mean, std, generator?.Handle ?? 0));

        public Tensor uniform_(double from, double to, Generator? generator = null) =>
            Changed(Shim.shim_uniform_(Handle, from, to, generator?.Handle ?? 0));

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Changed(Shim.shim_addcmul_(Handle, tensor1.Handle, tensor2.Handle, value.Value), tensor1, tensor2);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Changed(Shim.shim_addcdiv_(Handle, tensor1.Handle, tensor2.Handle, value.Value), tensor1, tensor2);

        public Tensor lerp_(Tensor end, Scalar weight) =>
            Changed(Shim.shim_lerp_(Handle, end.Handle, weight.Value), end);

        public Tensor masked_fill_(Tensor mask, Scalar value) =>
            Changed(Shim.shim_masked_fill_(Handle, mask.Handle, value.Value), mask);

        public Tensor scatter_(long dim, Tensor index, Tensor src) =>
            Changed(Shim.shim_scatter_(Handle, dim, index.Handle, src.Handle), index, src);
    }
}
