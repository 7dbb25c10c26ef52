namespace TorchSharp;

/// <summary>Disposes, at its end, every tensor that its thread made inside it and that was not moved out.</summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? s_current;

    private readonly DisposeScope? _outer = s_current;
    private readonly List<torch.Tensor?> _tensors = [];
    private int _count;

    internal DisposeScope() => s_current = this;

    public int DisposablesCount => _count;

    internal static DisposeScope? Current => s_current;

    internal DisposeScope? Outer => _outer;

    public T MoveToOuter<T>(T disposable)
        where T : IDisposable => MoveToOther(_outer, disposable);

    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        if (disposable is torch.Tensor tensor)
        {
            tensor.Scope?.Remove(tensor);
            scope?.Add(tensor);
        }

        return disposable;
    }

    public T Detach<T>(T disposable)
        where T : IDisposable => MoveToOther(null, disposable);

    public void Attach(IDisposable disposable) => MoveToOther(this, disposable);

    public void DisposeEverything()
    {
        foreach (var tensor in _tensors)
        {
            tensor?.DisposeByScope();
        }

        _tensors.Clear();
        _count = 0;
    }

    public void DisposeEverythingBut(params IDisposable[] keep)
    {
        foreach (var tensor in _tensors.ToArray())
        {
            if (tensor is not null && Array.IndexOf(keep, tensor) < 0)
            {
                tensor.Dispose();
            }
        }
    }

    public void Dispose()
    {
        if (s_current == this)
        {
            s_current = _outer;
        }

        DisposeEverything();
    }

    internal void Add(torch.Tensor tensor)
    {
        tensor.Scope = this;
        tensor.Slot = _tensors.Count;
        _tensors.Add(tensor);
        _count++;
    }

    internal void Remove(torch.Tensor tensor)
    {
        _tensors[tensor.Slot] = null;
        tensor.Scope = null;
        _count--;
        while (_tensors.Count > 0 && _tensors[^1] is null)
        {
            _tensors.RemoveAt(_tensors.Count - 1);
        }
    }
}
