namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public Tensor sum(ScalarType? type = null) => Made(Shim.shim_sum(Handle, Type(type)));

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) =>
            Made(Shim.shim_sum_dims(Handle, &dim, 1, Flag(keepdim), Type(type)));

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dim)
            {
                return Made(Shim.shim_sum_dims(Handle, dims, dim.Length, Flag(keepdim), Type(type)));
            }
        }

        public Tensor mean() => Made(Shim.shim_mean(Handle));

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null)
        {
            fixed (long* dims = dimensions)
            {
                return Made(Shim.shim_mean_dims(Handle, dims, dimensions.Length, Flag(keepdim), Type(type)));
            }
        }

        public Tensor std(bool unbiased = true) => Made(Shim.shim_std(Handle, Flag(unbiased)));

        public Tensor all() => Made(Shim.shim_all(Handle));

        public Tensor all(long dim, bool keepdim = false) => Made(Shim.shim_all_dim(Handle, dim, Flag(keepdim)));

        public Tensor any() => Made(Shim.shim_any(Handle));

        public Tensor any(long dim, bool keepdim = false) => Made(Shim.shim_any_dim(Handle, dim, Flag(keepdim)));

        public Tensor max() => Made(Shim.shim_max(Handle));

        public Tensor min() => Made(Shim.shim_min(Handle));

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false)
        {
            nint values, indices;
            Check(Shim.shim_max_dim(Handle, dim, Flag(keepdim), &values, &indices));
            return (Made(values), new Tensor(indices));
        }

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false)
        {
            nint values, indices;
            Check(Shim.shim_min_dim(Handle, dim, Flag(keepdim), &values, &indices));
            return (Made(values), new Tensor(indices));
        }

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true)
        {
            nint values, indices;
            Check(Shim.shim_topk(Handle, k, dim, Flag(largest), Flag(sorted), &values, &indices));
            return (Made(values), new Tensor(indices));
        }

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false)
        {
            nint values, indices;
            Check(Shim.shim_sort(Handle, dim, Flag(descending), Flag(stable), &values, &indices));
            return (Made(values), new Tensor(indices));
        }

        public Tensor argmax() => Made(Shim.shim_argmax(Handle, long.MinValue, 0));

        public Tensor argmax(long dim, bool keepdim = false) => Made(Shim.shim_argmax(Handle, dim, Flag(keepdim)));

        public Tensor softmax(long dim, ScalarType? dtype = null) => Made(Shim.shim_softmax(Handle, dim, Type(dtype)));

        public Tensor log_softmax(long dim, ScalarType? dtype = null) =>
            Made(Shim.shim_log_softmax(Handle, dim, Type(dtype)));

        public Tensor logsumexp(long dim, bool keepdim = false) =>
            Made(Shim.shim_logsumexp(Handle, dim, Flag(keepdim)));

        public Tensor cumsum(long dim, ScalarType? type = null) => Made(Shim.shim_cumsum(Handle, dim, Type(type)));

        public Tensor multinomial(long num_samples, bool replacement = false, Generator? generator = null) =>
            Made(Shim.shim_multinomial(Handle, num_samples, Flag(replacement), generator?.Handle ?? 0));
    }
}
