namespace PhysIntuition.Vlm.Generation;

/// <summary>Keys and values of completions that begin and end at different times, one slot for each.</summary>
/// <remarks>
/// All slots end at one column, so that a step writes one column of all of them; a slot's tokens begin where its mask
/// does. Columns and slots that are no longer needed are dropped when room is made.
/// </remarks>
internal sealed class SlotCache(VisionLanguageModel model) : IKeyValueCache, IDisposable
{
    private const int Room = 64;   // columns that are added at a time

    // For each layer [slots, key heads, columns, d].
    private readonly Tensor?[] _keys = new Tensor?[model.Config.Text.NumHiddenLayers];
    private readonly Tensor?[] _values = new Tensor?[model.Config.Text.NumHiddenLayers];
    private Tensor? _mask;         // added to scores [slots, 1, 1, columns]
    private int[] _starts = [];    // each slot's first column
    private int _columns, _end;

    /// <summary>Completions that there is room for.</summary>
    internal int Slots => _starts.Length;

    /// <summary>Stores the prompts of slots; all end where the other slots do.</summary>
    /// <param name="slots">Where each goes; new numbers follow the last slot.</param>
    /// <param name="prompts">For each the prompt's row in the stored run.</param>
    /// <param name="stored">The prompts' run, padded on the left.</param>
    /// <param name="lengths">Tokens of each slot's prompt.</param>
    /// <param name="padded">Tokens of the longest.</param>
    internal void Write(int[] slots, int[] prompts, KvCache stored, int[] lengths, int padded)
    {
        using var scope = NewDisposeScope();
        var count = Math.Max(Slots, slots.Max() + 1);
        if (count > Slots || padded > _end)
        {
            Rearrange([.. Enumerable.Range(0, count).Select(slot => Math.Min(slot, Math.Max(0, Slots - 1)))],
                from: 0, offset: Math.Max(0, padded - _end), stored);
        }

        var places = Places(slots);
        var rows = Places(prompts);
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            var (keys, values) = stored.PromptOf(layer);
            _keys[layer]!.narrow(2, _end - padded, padded).index_copy_(0, places, keys.index_select(0, rows));
            _values[layer]!.narrow(2, _end - padded, padded).index_copy_(0, places, values.index_select(0, rows));
        }

        for (var i = 0; i < slots.Length; i++)
        {
            _starts[slots[i]] = _end - lengths[i];
        }

        Mask();
    }

    /// <summary>Keeps these slots alone, in this order.</summary>
    internal void Keep(int[] slots)
    {
        using var scope = NewDisposeScope();
        var first = slots.Min(slot => _starts[slot]);
        Rearrange(slots, first, offset: 0, like: null);
        Mask();
    }

    /// <summary>Makes room for one more token of every slot; the next run of the decoder writes it.</summary>
    /// <param name="live">The slots that count.</param>
    internal void Advance(IEnumerable<int> live)
    {
        if (_end == _columns)
        {
            using var scope = NewDisposeScope();
            Rearrange([.. Enumerable.Range(0, Slots)], live.Min(slot => _starts[slot]), offset: 0, like: null);
            Mask();
        }

        _end++;
    }

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var (keys, values) = (_keys[layer]!, _values[layer]!);
        keys.narrow(2, _end - 1, 1).copy_(k);
        values.narrow(2, _end - 1, 1).copy_(v);

        // Query heads that share a key head look at the same tokens: they are the rows of one product.
        var shape = q.shape;                                                      // [slots, heads, 1, d]
        var lines = q.reshape(shape[0], k.size(1), shape[1] / k.size(1), shape[3]);
        return Attention.Run(lines, keys.narrow(2, 0, _end), values.narrow(2, 0, _end),
            _mask!.narrow(3, 0, _end), isCausal: false).reshape(shape);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mask?.Dispose();
        foreach (var tensor in _keys.Concat(_values))
        {
            tensor?.Dispose();
        }
    }

    /// <summary>Copies slots from a column on to an offset, with room behind them.</summary>
    private void Rearrange(int[] sources, int from, int offset, KvCache? like)
    {
        var kept = Math.Max(0, _end - from);
        var columns = offset + kept + Room;
        var places = Places(sources);
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer] = Moved(_keys[layer], like?.PromptOf(layer).Keys);
            _values[layer] = Moved(_values[layer], like?.PromptOf(layer).Values);
        }

        _starts = [.. sources.Select(slot =>
            slot < _starts.Length ? Math.Clamp(_starts[slot] - from, 0, kept) + offset : offset + kept)];
        (_columns, _end) = (columns, offset + kept);

        // Zeros: what a mask hides is multiplied by 0, and must be a number.
        Tensor Moved(Tensor? old, Tensor? prompt)
        {
            var sample = (old ?? prompt)!;
            var moved = zeros([sources.Length, sample.size(1), columns, sample.size(3)], sample.dtype, sample.device);
            if (old is not null && kept > 0)
            {
                moved.narrow(2, offset, kept).copy_(old.narrow(2, from, kept).index_select(0, places));
            }

            old?.Dispose();
            return moved.DetachFromDisposeScope();
        }
    }

    private void Mask()
    {
        var values = new float[Slots * _columns];
        for (var slot = 0; slot < Slots; slot++)
        {
            values.AsSpan(slot * _columns, _starts[slot]).Fill(Attention.Hidden);
        }

        _mask?.Dispose();
        _mask = tensor(values, [Slots, 1, 1, _columns], device: model.Device)
            .to(model.Decoder.Embedding.Weight.dtype).DetachFromDisposeScope();
    }

    private Tensor Places(int[] slots) =>
        tensor([.. slots.Select(slot => (long)slot)], [slots.Length], device: model.Device);
}
