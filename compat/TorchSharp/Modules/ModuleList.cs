using System.Collections;
using System.Globalization;

namespace TorchSharp.Modules;

public class ModuleList<T> : torch.nn.Module, IReadOnlyList<T>
    where T : torch.nn.Module
{
    private readonly List<T> _items = [];

    public ModuleList(params T[] modules)
        : base(nameof(ModuleList<T>))
    {
        foreach (var module in modules)
        {
            Add(module);
        }
    }

    public int Count => _items.Count;

    public T this[int index] => _items[index];

    public void Add(T module)
    {
        register_module(_items.Count.ToString(CultureInfo.InvariantCulture), module);
        _items.Add(module);
    }

    public IEnumerator<T> GetEnumerator() => _items.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
