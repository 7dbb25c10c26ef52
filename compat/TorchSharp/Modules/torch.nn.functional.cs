using TorchSharp.Modules;

namespace TorchSharp;

public static unsafe partial class torch
{
    public static partial class nn
    {
        public static class functional
        {
            public static Tensor linear(Tensor input, Tensor weight, Tensor? bias = null)
            {
                var result = new Tensor(Shim.shim_linear(input.Handle, weight.Handle, bias?.Handle ?? 0));
                GC.KeepAlive(input);
                GC.KeepAlive(weight);
                GC.KeepAlive(bias);
                return result;
            }

            public static Tensor layer_norm(
                Tensor input,
                long[] normalized_shape,
                Tensor? weight = null,
                Tensor? bias = null,
                double eps = 1e-05)
            {
                fixed (long* sizes = normalized_shape)
                {
                    var result = new Tensor(Shim.shim_layer_norm(
                        input.Handle, sizes, normalized_shape.Length, weight?.Handle ?? 0, bias?.Handle ?? 0, eps));
                    GC.KeepAlive(input);
                    GC.KeepAlive(weight);
                    GC.KeepAlive(bias);
                    return result;
                }
            }

            public static Tensor silu(Tensor x, bool inplace = false) => x.silu();

            public static Tensor relu(Tensor x, bool inplace = false) => x.relu();

            public static Tensor gelu(Tensor x) => x.gelu();

            public static Tensor gelu(Tensor x, GELU.Approximate approximate, bool inplace = false)
            {
                var result = new Tensor(Shim.shim_gelu(x.Handle, approximate == GELU.Approximate.tanh ? 1 : 0));
                GC.KeepAlive(x);
                return result;
            }

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
            {
                var result = new Tensor(Shim.shim_dropout(input.Handle, p, training ? 1 : 0));
                GC.KeepAlive(input);
                return result;
            }

            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0.0)
            {
                var result = new Tensor(Shim.shim_cross_entropy(
                    input.Handle, target.Handle, weight?.Handle ?? 0, (long)reduction, ignore_index, label_smoothing));
                GC.KeepAlive(input);
                GC.KeepAlive(target);
                GC.KeepAlive(weight);
                return result;
            }

            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1)
            {
                fixed (long* stride = strides ?? [1, 1])
                fixed (long* border = padding ?? [0, 0])
                fixed (long* spread = dilation ?? [1, 1])
                {
                    var result = new Tensor(Shim.shim_conv2d(
                        input.Handle, weight.Handle, bias?.Handle ?? 0, stride, border, spread, groups));
                    GC.KeepAlive(input);
                    GC.KeepAlive(weight);
                    GC.KeepAlive(bias);
                    return result;
                }
            }

            /// <summary>softmax(q kᵀ / √d + mask) v on [batch, heads, tokens, d], fused if possible.</summary>
            public static Tensor scaled_dot_product_attention(
                Tensor query,
                Tensor key,
                Tensor value,
                Tensor? attn_mask = null,
                double p = 0.0,
                bool is_casual = false)
            {
                var result = new Tensor(Shim.shim_attention(
                    query.Handle, key.Handle, value.Handle, attn_mask?.Handle ?? 0, p, is_casual ? 1 : 0));
                GC.KeepAlive(query);
                GC.KeepAlive(key);
                GC.KeepAlive(value);
                GC.KeepAlive(attn_mask);
                return result;
            }
        }
    }
}
