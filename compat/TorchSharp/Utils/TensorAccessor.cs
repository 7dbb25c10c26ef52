using System.Collections;

namespace TorchSharp.Utils;

/// <summary>Reads a tensor's elements in row-major order.</summary>
public sealed class TensorAccessor<T> : IEnumerable<T>
    where T : unmanaged
{
    private readonly T[] _elements;

    internal TensorAccessor(torch.Tensor tensor) => _elements = tensor.CopyElements<T>();

    public long Count => _elements.Length;

    public T this[long index] => _elements[index];

    public T[] ToArray() => _elements;

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)_elements).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
