using TorchSharp.Modules;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static partial class nn
    {
        public enum Reduction : long
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        public static Linear Linear(
            long inputSize,
            long outputSize,
            bool hasBias = true,
            Device? device = null,
            ScalarType? dtype = null) => new(inputSize, outputSize, hasBias, device, dtype);

        public static LayerNorm LayerNorm(
            long normalized_shape,
            double eps = 1e-05,
            bool elementwise_affine = true,
            bool bias = true,
            Device? device = null,
            ScalarType? dtype = null) => new([normalized_shape], eps, elementwise_affine, bias, device, dtype);

        public static Embedding Embedding(
            long num_embeddings, long embedding_dims, Device? device = null, ScalarType? dtype = null) =>
            new(num_embeddings, embedding_dims, device, dtype);

        public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true) =>
            new(embeddings, freeze);

        public static ModuleList<T> ModuleList<T>(params T[] modules)
            where T : Module => new(modules);

        public static class utils
        {
            /// <summary>Scales gradients to a joint 2-norm of at most max_norm; returns the norm before.</summary>
            public static double clip_grad_norm_(
                IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                if (norm_type != 2.0)
                {
                    throw new NotSupportedException($"clip_grad_norm_ supports norm_type 2, not {norm_type}.");
                }

                var parameters = tensors.ToArray();
                double total;
                fixed (nint* pointer = Handles(parameters))
                {
                    Check(Shim.shim_clip_grad_norm(pointer, parameters.Length, max_norm, &total));
                }

                GC.KeepAlive(parameters);
                return total;
            }
        }
    }
}
