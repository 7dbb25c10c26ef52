namespace PhysIntuition.Vlm.Generation;

/// <summary>Log-probabilities of given completions, with history; a prompt is run once for all of them.</summary>
public static class CompletionScorer
{
    /// <summary>Scores completions.</summary>
    /// <param name="model">The model.</param>
    /// <param name="prompts">Prompts, padded on the left.</param>
    /// <param name="completions">Token ids, equally many for every prompt, side by side; none empty.</param>
    /// <param name="temperature">Above 0; what sampling used, so that ratios are of one distribution.</param>
    /// <param name="learnsEntropy">Keeps the entropies' history, too, for losses that have them as a term.</param>
    /// <param name="constraints">What sampling allowed, as in <see cref="GenerationOptions.Constraints"/>.</param>
    /// <returns>
    /// Scores and entropies [completions, longest completion]; what stands behind a completion's end means nothing.
    /// </returns>
    public static TokenScores Score(
        VisionLanguageModel model,
        VlmBatch prompts,
        IReadOnlyList<IReadOnlyList<int>> completions,
        double temperature = 1,
        bool learnsEntropy = false,
        IReadOnlyList<TokenConstraint?>? constraints = null)
    {
        var perPrompt = CheckCounts(prompts, completions);
        var (rows, length) = (completions.Count, completions.Max(completion => completion.Count));
        var ids = tensor(Pad(completions, length), [rows, length], device: model.Device);
        var (last, after) = Run(model, prompts, ids, perPrompt);                            // [prompts, hidden]
        var states = last.repeat_interleave(perPrompt, 0).unsqueeze(1);                     // [rows, 1, hidden]
        states = after is null ? states : cat([states, after], 1);                          // [rows, length, hidden]
        var forbidden = TokenConstraint.Forbidden(
            [.. completions.SelectMany((tokens, row) => States(constraints, row / perPrompt, tokens, length))],
            model.Config.Text.VocabSize, model.Device);
        var scores = TokenScores.Of(
            model, states.view(-1, states.size(2)), ids.view(-1), temperature, learnsEntropy, forbidden);
        return new TokenScores(scores.LogProbabilities.view(rows, length), scores.Entropies.view(rows, length));
    }

    // Behind a completion's end anything may stand.
    private static IEnumerable<(TokenConstraint?, int)> States(
        IReadOnlyList<TokenConstraint?>? constraints, int prompt, IReadOnlyList<int> tokens, int length)
    {
        var constraint = constraints is { Count: > 0 } ? constraints[prompt] : null;
        return (constraint?.States(tokens) ?? []).Select(state => (constraint, state))
            .Concat(Enumerable.Repeat(((TokenConstraint?)null, 0), length - (constraint is null ? 0 : tokens.Count)));
    }

    // States of the prompts' last tokens [prompts, hidden] and of all completion tokens but the last [rows, tokens,
    // hidden].
    private static (Tensor Last, Tensor? Completions) Run(
        VisionLanguageModel model, VlmBatch prompts, Tensor ids, int perPrompt)
    {
        var count = ids.size(1) - 1;
        if (count == 0)
        {
            return (model.LastStates(prompts), null);
        }

        var x = model.Decoder.Embedding.Forward(ids.narrow(1, 0, count));                   // [rows, count, hidden]
        var positions = CompletionCache.FirstPositions(prompts, perPrompt, model.Device)
            .Plus(tensor([.. Enumerable.Range(0, (int)count).Select(i => (long)i)], [1, 1, count],
                device: model.Device));                                                     // [3, rows, count]
        if (model.UsesGradientCheckpointing && is_grad_enabled())
        {
            var (promptX, deepstack) = model.Embed(prompts);
            var mask = AttentionMasks.Causal(prompts.AttentionMask, promptX.dtype);
            var keys = AttentionMasks.Keys(prompts.AttentionMask, promptX.dtype);
            var (before, after) = model.Decoder.ForwardShared(
                (promptX, prompts.PositionIds, mask), (x, positions), keys, deepstack);
            return (before.select(1, prompts.Length - 1), after);
        }

        using var cache = CompletionCache.Create(model, prompts, perPrompt, capacity: 0);
        var last = model.LastStates(prompts, cache);
        return (last, model.Decoder.Forward(x, positions, cache: cache));
    }

    private static int CheckCounts(VlmBatch prompts, IReadOnlyList<IReadOnlyList<int>> completions)
    {
        var count = prompts.Sequences.Count;
        if (completions.Count == 0 || completions.Count % count != 0 || completions.Any(item => item.Count == 0))
        {
            throw new ArgumentException(
                $"There are {completions.Count} completions for {count} prompts; "
                + "every prompt needs equally many, and none may be empty.", nameof(completions));
        }

        return completions.Count / count;
    }

    private static long[] Pad(IReadOnlyList<IReadOnlyList<int>> completions, int length)
    {
        var ids = new long[completions.Count * length];
        for (var row = 0; row < completions.Count; row++)
        {
            for (var i = 0; i < completions[row].Count; i++)
            {
                ids[(row * length) + i] = completions[row][i];
            }
        }

        return ids;
    }
}

/// <summary>Caches for completions of a batch of prompts, and where the completions go on.</summary>
internal static class CompletionCache
{
    /// <summary>An empty cache; capacity 0 for one differentiable run over whole completions.</summary>
    internal static KvCache Create(VisionLanguageModel model, VlmBatch prompts, int completions, long capacity)
    {
        using var scope = NewDisposeScope();
        var type = model.Decoder.Embedding.Weight.dtype;
        var mask = AttentionMasks.Keys(prompts.AttentionMask, type);
        return new KvCache(model.Config.Text.NumHiddenLayers, mask, completions, capacity);
    }

    /// <summary>Position of the first completion token in all three axes [3, prompts * completions, 1].</summary>
    internal static Tensor FirstPositions(VlmBatch prompts, int completions, Device device)
    {
        long[] next = [.. prompts.NextPositions.SelectMany(place => Enumerable.Repeat((long)place, completions))];
        return tensor(next, [1, next.Length, 1], device: device).expand(3, next.Length, 1);
    }
}
