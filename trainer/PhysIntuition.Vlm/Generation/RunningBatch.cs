namespace PhysIntuition.Vlm.Generation;

/// <summary>Completions that begin and end at any time, and meanwhile go through the model together.</summary>
/// <remarks>
/// Each completion has its own sampling and seed, and its draws depend on these alone. Not for several threads; tensors
/// belong to the thread that made the batch. Source: Yu et al., "Orca: A Distributed Serving System for
/// Transformer-Based Generative Models", OSDI 2022, section 3.
/// </remarks>
public sealed class RunningBatch : IDisposable
{
    private const int Patience = 16;   // steps that half of the slots stay free before they go: others may come

    private readonly VisionLanguageModel _model;
    private readonly SlotCache _cache;
    private RunningCompletion?[] _slots = [];
    private int _stepsHalfFree;

    /// <summary>A batch without completions.</summary>
    /// <param name="model">The model; switched to evaluation by the caller if it has dropout.</param>
    public RunningBatch(VisionLanguageModel model) => (_model, _cache) = (model, new SlotCache(model));

    /// <summary>The completions that are being written.</summary>
    public IEnumerable<RunningCompletion> Completions => _slots.OfType<RunningCompletion>();

    /// <summary>Whether a completion is being written.</summary>
    public bool Contains(RunningCompletion completion) => Array.IndexOf(_slots, completion) >= 0;

    /// <summary>Runs prompts and draws the first token of each completion, which then runs with the others.</summary>
    /// <param name="prompts">Padded on the left.</param>
    /// <param name="completions">For each prompt those that begin with it.</param>
    public void Add(VlmBatch prompts, IReadOnlyList<IReadOnlyList<RunningCompletion>> completions)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        using var stored = CompletionCache.Create(_model, prompts, completions: 1, capacity: 0);
        var logits = _model.Head(_model.LastStates(prompts, stored));                       // [prompts, vocabulary]
        RunningCompletion[] added = [.. completions.SelectMany(group => group)];
        int[] rows = [.. completions.SelectMany((group, prompt) => group.Select(_ => prompt))];
        for (var i = 0; i < added.Length; i++)
        {
            added[i].Sampling.Validate();
            added[i].NextPosition = prompts.NextPositions[rows[i]];
        }

        _cache.Write(Seat(added), rows, stored,
            [.. rows.Select(row => prompts.Sequences[row].TokenIds.Count)], prompts.Length);
        Draw(added, rows, logits);
    }

    /// <summary>Draws the next token of every completion.</summary>
    public void Step()
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Shrink();
        int[] live = [.. Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot] is not null)];
        if (live.Length == 0)
        {
            return;
        }

        _cache.Advance(live);
        long[] tokens = [.. _slots.Select(completion => (long)(completion?.Last.Token ?? 0))];
        long[] places = [.. _slots.Select(completion => (long)(completion?.NextPosition ?? 0))];
        var x = _model.Decoder.Embedding.Forward(tensor(tokens, [tokens.Length, 1], device: _model.Device));
        var at = tensor(places, [1, places.Length, 1], device: _model.Device).expand(3, places.Length, 1);
        var logits = _model.Head(_model.Decoder.Forward(x, at, cache: _cache)).squeeze(1);  // [slots, vocabulary]
        foreach (var slot in live)
        {
            _slots[slot]!.NextPosition++;
        }

        Draw([.. live.Select(slot => _slots[slot]!)], live, logits);
    }

    /// <summary>Ends a completion; its slot is free for another.</summary>
    public void Remove(RunningCompletion completion)
    {
        var slot = Array.IndexOf(_slots, completion);
        if (slot >= 0)
        {
            _slots[slot] = null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _cache.Dispose();

    private int[] Seat(RunningCompletion[] added)
    {
        var free = new Queue<int>(Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot] is null));
        var more = Math.Max(0, added.Length - free.Count);
        Array.Resize(ref _slots, _slots.Length + more);
        for (var slot = _slots.Length - more; slot < _slots.Length; slot++)
        {
            free.Enqueue(slot);
        }

        return [.. added.Select(completion =>
        {
            _slots[free.Peek()] = completion;
            return free.Dequeue();
        })];
    }

    /// <summary>Free slots cost as much as the others: half of them for long is too many.</summary>
    private void Shrink()
    {
        int[] live = [.. Enumerable.Range(0, _slots.Length).Where(slot => _slots[slot] is not null)];
        _stepsHalfFree = live.Length * 2 <= _slots.Length ? _stepsHalfFree + 1 : 0;
        if (live.Length > 0 && _stepsHalfFree > Patience)
        {
            _stepsHalfFree = 0;
            _cache.Keep(live);
            _slots = [.. live.Select(slot => _slots[slot])];
        }
    }

    private static void Draw(RunningCompletion[] completions, int[] rows, Tensor logits)
    {
        var isWhole = rows.Length == logits.size(0) && rows.SequenceEqual(Enumerable.Range(0, rows.Length));
        foreach (var kind in completions.Zip(rows).GroupBy(item => item.First.Sampling))
        {
            (RunningCompletion Completion, int Row)[] members = [.. kind];
            var own = isWhole && members.Length == rows.Length ? logits : logits.index_select(0, tensor(
                [.. members.Select(item => (long)item.Row)], [members.Length], device: logits.device));
            double[] uniforms = [.. members.Select(item => item.Completion.NextUniform())];
            var forbidden = TokenConstraint.Forbidden(
                [.. members.Select(item => (item.Completion.Constraint, item.Completion.State))], own.size(1),
                own.device);
            var (tokens, all) = TokenDraws.Next(own, kind.Key, uniforms, forbidden);
            Give([.. members.Select(item => item.Completion)], tokens, all);
        }
    }

    private static void Give(RunningCompletion[] completions, Tensor tokens, Tensor all)
    {
        var ids = tokens.cpu().data<long>().ToArray();
        var scores = all.gather(1, tokens).cpu().data<float>().ToArray();
        var most = Math.Min(completions.Max(completion => completion.Alternatives), (int)all.size(1));
        float[] best = [];
        long[] which = [];
        if (most > 0)
        {
            var (values, indexes) = all.topk(most);
            (best, which) = (values.cpu().data<float>().ToArray(), indexes.cpu().data<long>().ToArray());
        }

        for (var i = 0; i < completions.Length; i++)
        {
            completions[i].Take(new DrawnToken((int)ids[i], scores[i],
                [.. Enumerable.Range(i * most, Math.Min(most, completions[i].Alternatives))
                    .Select(k => ((int)which[k], best[k]))]));
        }
    }
}

/// <summary>One completion of a running batch.</summary>
/// <param name="sampling">How its tokens are drawn; without a repetition penalty.</param>
/// <param name="seed">Seed of its prompt's draws, see <see cref="SeedOf"/>.</param>
/// <param name="number">Its number among the completions of its prompt.</param>
/// <param name="alternatives">The most probable tokens that are told beside each drawn one.</param>
public sealed class RunningCompletion(SamplingOptions sampling, ulong seed, int number, int alternatives)
{
    /// <summary>How its tokens are drawn.</summary>
    public SamplingOptions Sampling { get; } = sampling;

    /// <summary>The most probable tokens that are told beside each drawn one.</summary>
    public int Alternatives { get; } = alternatives;

    /// <summary>What it may be; null: anything.</summary>
    public TokenConstraint? Constraint
    {
        get;
        init => (field, State) = (value, value?.Start ?? 0);
    }

    /// <summary>Where it stands in its constraint.</summary>
    internal int State { get; private set; }

    /// <summary>The token drawn last.</summary>
    public DrawnToken Last { get; private set; }

    /// <summary>Tokens drawn so far.</summary>
    public int Count { get; private set; }

    /// <summary>The position of the token drawn last.</summary>
    internal int NextPosition { get; set; }

    /// <summary>The seed by which a prompt draws what <see cref="TextGenerator"/> draws for it.</summary>
    /// <param name="seed">The generator's.</param>
    /// <param name="prompt">The prompt's number in the generator's batch.</param>
    public static ulong SeedOf(ulong seed, int prompt) => UniformDraws.OfPrompt(seed, prompt);

    internal double NextUniform() => UniformDraws.At(seed, number, Count);

    internal void Take(DrawnToken token) =>
        (Last, Count, State) = (token, Count + 1, Constraint?.Next(State, token.Token) ?? 0);
}

/// <summary>A token and how probable it was.</summary>
/// <param name="Token">Its id.</param>
/// <param name="LogProbability">log p at the sampling temperature (1 when greedy), before any filter.</param>
/// <param name="Alternatives">The most probable tokens likewise, best first.</param>
public readonly record struct DrawnToken(
    int Token, float LogProbability, IReadOnlyList<(int Token, float LogProbability)> Alternatives);
