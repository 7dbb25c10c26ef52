namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Made(Shim.shim_eq(Handle, target.Handle), target);

        public Tensor eq(Scalar target) => Made(Shim.shim_eq_number(Handle, target.Value));

        public Tensor ne(Tensor target) => Made(Shim.shim_ne(Handle, target.Handle), target);

        public Tensor ne(Scalar target) => Made(Shim.shim_ne_number(Handle, target.Value));

        public Tensor lt(Tensor target) => Made(Shim.shim_lt(Handle, target.Handle), target);

        public Tensor lt(Scalar target) => Made(Shim.shim_lt_number(Handle, target.Value));

        public Tensor le(Tensor target) => Made(Shim.shim_le(Handle, target.Handle), target);

        public Tensor le(Scalar target) => Made(Shim.shim_le_number(Handle, target.Value));

        public Tensor gt(Tensor target) => Made(Shim.shim_gt(Handle, target.Handle), target);

        public Tensor gt(Scalar target) => Made(Shim.shim_gt_number(Handle, target.Value));

        public Tensor ge(Tensor target) => Made(Shim.shim_ge(Handle, target.Handle), target);

        public Tensor ge(Scalar target) => Made(Shim.shim_ge_number(Handle, target.Value));

        /// <summary>Whether shape and all elements agree within atol + rtol |target|.</summary>
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08)
        {
            using var scope = NewDisposeScope();
            return (this - target).abs().le(target.abs() * rtol + atol).all().item<bool>();
        }
    }
}
