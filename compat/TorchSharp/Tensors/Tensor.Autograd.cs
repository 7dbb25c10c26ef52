namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get
            {
                var result = Shim.shim_requires_grad(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }

            set => Changed(Shim.shim_set_requires_grad(Handle, Flag(value)));
        }

        public bool is_leaf
        {
            get
            {
                var result = Shim.shim_is_leaf(Handle) != 0;
                GC.KeepAlive(this);
                return result;
            }
        }

        /// <summary>A new reference to the gradient, or null before the first backward pass.</summary>
        public Tensor? grad
        {
            get
            {
                nint gradient;
                Check(Shim.shim_grad(Handle, &gradient));
                GC.KeepAlive(this);
                return gradient == 0 ? null : new Tensor(gradient);
            }

            set
            {
                Check(Shim.shim_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(this);
                GC.KeepAlive(value);
            }
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        public Tensor with_requires_grad(bool requires_grad = true) => requires_grad_(requires_grad);

        public Tensor detach() => Made(Shim.shim_detach(Handle));

        public void backward() => Changed(Shim.shim_backward(Handle, 0, 0, 0));

        public void backward(
            IList<Tensor>? grad_tensors = null,
            bool retain_graph = false,
            bool create_graph = false,
            IList<Tensor>? inputs = null)
        {
            if (inputs is not null)
            {
                throw new NotSupportedException("backward(inputs) is not supported; use autograd.grad.");
            }

            var gradient = grad_tensors?[0];
            Check(Shim.shim_backward(Handle, gradient?.Handle ?? 0, Flag(retain_graph), Flag(create_graph)));
            GC.KeepAlive(this);
            GC.KeepAlive(gradient);
        }
    }
}
