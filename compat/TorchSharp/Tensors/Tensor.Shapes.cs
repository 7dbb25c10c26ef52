namespace TorchSharp;

public static unsafe partial class torch
{
    public partial class Tensor
    {
        public Tensor clone() => Made(Shim.shim_clone(Handle));

        public Tensor contiguous() => Made(Shim.shim_contiguous(Handle));

        public Tensor alias() => Made(Shim.shim_share(Handle));

        public Tensor view(params long[] shape)
        {
            fixed (long* sizes = shape)
            {
                return Made(Shim.shim_view(Handle, sizes, shape.Length));
            }
        }

        public Tensor reshape(params long[] shape)
        {
            fixed (long* sizes = shape)
            {
                return Made(Shim.shim_reshape(Handle, sizes, shape.Length));
            }
        }

        public Tensor expand(params long[] sizes)
        {
            fixed (long* values = sizes)
            {
                return Made(Shim.shim_expand(Handle, values, sizes.Length));
            }
        }

        public Tensor permute(params long[] permutation)
        {
            fixed (long* dims = permutation)
            {
                return Made(Shim.shim_permute(Handle, dims, permutation.Length));
            }
        }

        public Tensor repeat(params long[] sizes)
        {
            fixed (long* values = sizes)
            {
                return Made(Shim.shim_repeat(Handle, values, sizes.Length));
            }
        }

        public Tensor flip(params long[] dims)
        {
            fixed (long* values = dims)
            {
                return Made(Shim.shim_flip(Handle, values, dims.Length));
            }
        }

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Made(Shim.shim_repeat_interleave(Handle, repeats, dim ?? long.MinValue));

        public Tensor transpose(long dim0, long dim1) => Made(Shim.shim_transpose(Handle, dim0, dim1));

        public Tensor unsqueeze(long dim) => Made(Shim.shim_unsqueeze(Handle, dim));

        public Tensor squeeze(long? dim = null) => Made(Shim.shim_squeeze(Handle, dim ?? long.MinValue));

        public Tensor flatten(long start_dim = 0, long end_dim = -1) =>
            Made(Shim.shim_flatten(Handle, start_dim, end_dim));

        public Tensor narrow(long dimension, long start, long length) =>
            Made(Shim.shim_narrow(Handle, dimension, start, length));

        public Tensor select(long dim, long index) => Made(Shim.shim_select(Handle, dim, index));

        public Tensor slice(long dim, long start, long finish, long step) =>
            Made(Shim.shim_slice(Handle, dim, start, finish, step));

        public Tensor tril(long diagonal = 0) => Made(Shim.shim_tril(Handle, diagonal));

        public Tensor triu(long diagonal = 0) => Made(Shim.shim_triu(Handle, diagonal));

        public Tensor[] split(long size, long dim = 0)
        {
            var parts = (int)((this.size((int)dim) + size - 1) / size);
            return Split([size], dim, Math.Max(parts, 1));
        }

        public Tensor[] split(long[] sizes, long dim = 0) => Split(sizes, dim, sizes.Length);

        public Tensor[] chunk(long chunks, long dim = 0) => split((size((int)dim) + chunks - 1) / chunks, dim);

        public Tensor[] unbind(long dimension = 0) =>
            [.. Enumerable.Range(0, (int)size((int)dimension)).Select(index => select(dimension, index))];

        public Tensor gather(long dim, Tensor index) => Made(Shim.shim_gather(Handle, dim, index.Handle), index);

        public Tensor scatter(long dim, Tensor index, Tensor src) =>
            Made(Shim.shim_scatter(Handle, dim, index.Handle, src.Handle), index, src);

        public Tensor index_select(long dim, Tensor index) =>
            Made(Shim.shim_index_select(Handle, dim, index.Handle), index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Made(Shim.shim_index_add(Handle, dim, index.Handle, source.Handle, alpha.Value), index, source);

        public Tensor index_copy(long dim, Tensor index, Tensor source) =>
            Made(Shim.shim_index_copy(Handle, dim, index.Handle, source.Handle), index, source);

        private Tensor[] Split(long[] sizes, long dim, int capacity)
        {
            var handles = stackalloc nint[capacity];
            int count;
            fixed (long* values = sizes)
            {
                count = Shim.shim_split(Handle, values, sizes.Length, dim, handles, capacity);
            }

            GC.KeepAlive(this);
            Check(Math.Min(count, 0));
            var result = new Tensor[count];
            for (var i = 0; i < count; i++)
            {
                result[i] = new Tensor(handles[i]);
            }

            return result;
        }
    }
}
