namespace PhysIntuition.Vlm.Models;

/// <summary>softmax(q kᵀ / √d + mask) v on [batch, heads, tokens, d]; query heads may share key heads.</summary>
internal static class Attention
{
    /// <summary>What a masked score gets: finite in float32 and bfloat16, lest a row without keys is not.</summary>
    internal const float Hidden = -3e38f;

    /// <summary>The same, held for the reason that <see cref="TensorSums"/> gives.</summary>
    internal static readonly TorchSharp.Scalar HiddenScalar = Hidden;

    /// <summary>Attention with an added mask, or causal where the mask is null and so asked.</summary>
    internal static Tensor Run(Tensor q, Tensor k, Tensor v, Tensor? mask, bool isCausal)
    {
        var groups = q.size(1) / k.size(1);
        return nn.functional.scaled_dot_product_attention(
            q, RepeatHeads(k, groups), RepeatHeads(v, groups), mask, 0.0, isCausal);
    }

    private static Tensor RepeatHeads(Tensor heads, long times)
    {
        if (times == 1)
        {
            return heads;
        }

        var shape = heads.shape;                                          // [batch, key heads, tokens, d]
        return heads.unsqueeze(2)
            .expand(shape[0], shape[1], times, shape[2], shape[3])
            .reshape(shape[0], shape[1] * times, shape[2], shape[3]);     // [batch, query heads, tokens, d]
    }
}

/// <summary>Attention of many completions over their prompt's keys, read once per prompt, and over their own.</summary>
/// <remarks>
/// The completions of a prompt, their tokens, and the query heads that share a key head become rows of one product
/// with the prompt's keys. Scores on both halves share one softmax, so the result is that of the joined keys.
/// </remarks>
internal static class SharedAttention
{
    /// <summary>Attends from the newest tokens.</summary>
    /// <param name="q">Queries [prompts * completions, heads, tokens, d].</param>
    /// <param name="promptKeys">Keys [prompts, key heads, prompt tokens, d].</param>
    /// <param name="promptValues">Values likewise.</param>
    /// <param name="keys">Completion keys so far [prompts * completions, key heads, length, d].</param>
    /// <param name="values">Values likewise.</param>
    /// <param name="promptMask">Added to scores on prompt keys [prompts, 1, 1, prompt tokens]; null: none.</param>
    /// <returns>[prompts * completions, heads, tokens, d].</returns>
    internal static Tensor Run(
        Tensor q, Tensor promptKeys, Tensor promptValues, Tensor keys, Tensor values, Tensor? promptMask)
    {
        var (rows, heads, tokens, d) = (q.size(0), q.size(1), q.size(2), q.size(3));
        var (prompts, keyHeads, length) = (promptKeys.size(0), promptKeys.size(1), keys.size(2));
        var lines = heads / keyHeads * tokens;   // rows of one completion's product with one key head
        var scaled = q.Times(1 / Math.Sqrt(d)).reshape(rows, keyHeads, lines, d);

        var onPrompt = Gather(scaled, prompts).matmul(promptKeys.transpose(-2, -1));
        if (promptMask is not null)
        {
            onPrompt = onPrompt.Plus(promptMask);
        }

        var onOwn = scaled.matmul(keys.transpose(-2, -1));                // [rows, key heads, lines, length]
        if (tokens > 1)
        {
            var byToken = onOwn.reshape(rows, keyHeads, heads / keyHeads, tokens, length);
            onOwn = byToken.Plus(Causal(tokens, length, q)).reshape(onOwn.shape);
        }

        var joined = cat([Scatter(onPrompt, rows, lines), onOwn], -1);    // [rows, key heads, lines, prompt + length]
        var weights = joined.softmax(-1, ScalarType.Float32).to(q.dtype);
        var promptTokens = promptKeys.size(2);
        var fromPrompt = Gather(weights.narrow(-1, 0, promptTokens), prompts).matmul(promptValues);
        var fromOwn = weights.narrow(-1, promptTokens, length).matmul(values);
        return Scatter(fromPrompt, rows, lines).Plus(fromOwn).reshape(rows, heads, tokens, d);
    }

    // [rows, key heads, lines, n] to [prompts, key heads, completions * lines, n].
    private static Tensor Gather(Tensor byRow, long prompts)
    {
        var (rows, keyHeads, lines, n) = (byRow.size(0), byRow.size(1), byRow.size(2), byRow.size(3));
        return byRow.reshape(prompts, rows / prompts, keyHeads, lines, n)
            .transpose(1, 2).reshape(prompts, keyHeads, rows / prompts * lines, n);
    }

    // And back.
    private static Tensor Scatter(Tensor byPrompt, long rows, long lines)
    {
        var (prompts, keyHeads, n) = (byPrompt.size(0), byPrompt.size(1), byPrompt.size(3));
        return byPrompt.reshape(prompts, keyHeads, rows / prompts, lines, n)
            .transpose(1, 2).reshape(rows, keyHeads, lines, n);
    }

    private static Tensor Causal(long tokens, long length, Tensor like) =>
        full([tokens, length], Attention.HiddenScalar, like.dtype, like.device).triu(length - tokens + 1);
}

/// <summary>Masks that are added to scores: zero where a token may look, hugely negative where not.</summary>
internal static class AttentionMasks
{
    /// <summary>Causal, and no padding is looked at [batch, 1, tokens, tokens]; null where nothing is padded.</summary>
    internal static Tensor? Causal(Tensor? isToken, ScalarType type)
    {
        if (isToken is null)
        {
            return null;
        }

        var tokens = isToken.size(1);
        var future = ones([tokens, tokens], ScalarType.Bool, isToken.device).triu(1);
        var hidden = future.logical_or(isToken.logical_not().unsqueeze(1)).unsqueeze(1);   // [batch, 1, tokens, tokens]
        return zeros(hidden.shape, type, isToken.device).masked_fill(hidden, Attention.HiddenScalar);
    }

    /// <summary>Hides padding among keys [batch, 1, 1, tokens]; null where nothing is padded.</summary>
    internal static Tensor? Keys(Tensor? isToken, ScalarType type)
    {
        if (isToken is null)
        {
            return null;
        }

        var hidden = isToken.logical_not().unsqueeze(1).unsqueeze(1);
        return zeros(hidden.shape, type, isToken.device).masked_fill(hidden, Attention.HiddenScalar);
    }
}

/// <summary>Rotates halves of heads: (a, b) becomes (a cos - b sin, b cos + a sin).</summary>
/// <param name="Cos">Cosines of the angles, broadcastable to half a head.</param>
/// <param name="Sin">Sines likewise.</param>
internal sealed record Rotary(Tensor Cos, Tensor Sin)
{
    // Held for the reason that TensorSums gives.
    private static readonly TorchSharp.Scalar s_plus = 1, s_minus = -1;

    /// <summary>Rotates heads [..., head width] in the type of the cosines.</summary>
    internal Tensor Apply(Tensor heads)
    {
        var half = heads.size(-1) / 2;
        var a = heads.narrow(-1, 0, half);
        var b = heads.narrow(-1, half, half);
        return cat([addcmul(a * Cos, b, Sin, s_minus), addcmul(b * Cos, a, Sin, s_plus)], -1);
    }
}

/// <summary>Keys and values of earlier tokens, which every layer of a run extends and attends over.</summary>
internal interface IKeyValueCache
{
    /// <summary>Stores one layer's new keys and values, and attends over all of them.</summary>
    Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, Tensor? mask);
}

/// <summary>Keys and values of all layers: one copy per prompt, which all completions of that prompt share.</summary>
/// <remarks>
/// The first run of the decoder stores the prompts. Every later run extends the completions: its batch is
/// [prompts * completions], completions of one prompt side by side. With capacity, completions are written into
/// memory taken once; without, the run's own keys are used as they are, and gradients pass through everything.
/// </remarks>
internal sealed class KvCache : IKeyValueCache, IDisposable
{
    private readonly LayerCache[] _layers;
    private readonly Tensor? _promptMask;

    /// <summary>An empty cache.</summary>
    /// <param name="layers">The decoder's layers.</param>
    /// <param name="promptMask">Added to scores on prompt keys [prompts, 1, 1, tokens]; null: no padding.</param>
    /// <param name="completions">Completions per prompt.</param>
    /// <param name="capacity">Tokens that a completion may have; 0: one run only, nothing is copied.</param>
    internal KvCache(int layers, Tensor? promptMask, int completions, long capacity)
    {
        _promptMask = promptMask?.alias().DetachFromDisposeScope();
        Completions = completions;
        _layers = [.. Enumerable.Range(0, layers).Select(_ => new LayerCache(completions, capacity))];
    }

    /// <summary>Completions per prompt.</summary>
    public int Completions { get; }

    /// <summary>Tokens of the completions so far.</summary>
    public long Length => _layers[0].Length;

    /// <summary>Releases all keys and values.</summary>
    public void Dispose()
    {
        _promptMask?.Dispose();
        foreach (var layer in _layers)
        {
            layer.Dispose();
        }
    }

    /// <summary>One layer's keys and values of the prompts [prompts, key heads, tokens, d].</summary>
    internal (Tensor Keys, Tensor Values) PromptOf(int layer) =>
        (_layers[layer].PromptKeys, _layers[layer].PromptValues);

    /// <inheritdoc/>
    public Tensor Attend(int layer, Tensor q, Tensor k, Tensor v, Tensor? mask)
    {
        var cache = _layers[layer];
        if (!cache.HasPrompt)
        {
            cache.StorePrompt(k, v);
            return Attention.Run(q, k, v, mask, isCausal: mask is null && q.size(2) == k.size(2));
        }

        var (keys, values) = cache.Extend(k, v);
        return SharedAttention.Run(q, cache.PromptKeys, cache.PromptValues, keys, values, _promptMask);
    }
}

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
