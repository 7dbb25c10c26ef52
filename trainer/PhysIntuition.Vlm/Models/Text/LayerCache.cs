using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>One layer's keys and values: the prompts', and the completions' so far.</summary>
internal sealed class LayerCache(int completions, long capacity) : IDisposable
{
    private Tensor? _promptKeys;     // [prompts, key heads, tokens, d]
    private Tensor? _promptValues;
    private Tensor? _keys;           // [prompts * completions, key heads, capacity, d]
    private Tensor? _values;

    internal bool HasPrompt => _promptKeys is not null;

    internal Tensor PromptKeys => _promptKeys!;

    internal Tensor PromptValues => _promptValues!;

    internal long Length { get; private set; }

    internal void StorePrompt(Tensor keys, Tensor values)
    {
        _promptKeys = keys.contiguous().DetachFromDisposeScope();
        _promptValues = values.contiguous().DetachFromDisposeScope();
        if (capacity > 0)
        {
            var shape = keys.shape;
            long[] room = [shape[0] * completions, shape[1], capacity, shape[3]];
            _keys = empty(room, keys.dtype, keys.device).DetachFromDisposeScope();
            _values = empty(room, keys.dtype, keys.device).DetachFromDisposeScope();
        }
    }

    /// <summary>Completion keys and values with the new ones [prompts * completions, key heads, length, d].</summary>
    internal (Tensor Keys, Tensor Values) Extend(Tensor keys, Tensor values)
    {
        var added = keys.size(2);
        if (_keys is null)
        {
            Length = added;
            return (keys, values);
        }

        _keys.narrow(2, Length, added).copy_(keys);
        _values!.narrow(2, Length, added).copy_(values);
        Length += added;
        return (_keys.narrow(2, 0, Length), _values.narrow(2, 0, Length));
    }

    public void Dispose()
    {
        _promptKeys?.Dispose();
        _promptValues?.Dispose();
        _keys?.Dispose();
        _values?.Dispose();
    }
}
