namespace PhysIntuition.Vlm.Generation;

/// <summary>Draws one token for every row of logits, and says how probable the model found it.</summary>
internal sealed class TokenSampler
{
    private readonly GenerationOptions _options;
    private readonly int _rows;
    private readonly long _vocabulary;
    private readonly (TokenConstraint? Constraint, int State)[] _allowed;
    private int _step;

    internal TokenSampler(GenerationOptions options, VlmBatch prompts, long vocabulary)
    {
        _options = options;
        _rows = prompts.Sequences.Count * options.CompletionsPerPrompt;
        _vocabulary = vocabulary;
        _allowed = [.. Enumerable.Range(0, _rows).Select(row => options.Constraints.Count == 0 ? null
            : options.Constraints[row / options.CompletionsPerPrompt])
            .Select(constraint => (constraint, constraint?.Start ?? 0))];
    }

    /// <summary>One step.</summary>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <returns>Tokens [rows] and their log-probabilities [rows].</returns>
    internal (Tensor Tokens, Tensor LogProbabilities) Next(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var forbidden = TokenConstraint.Forbidden(_allowed, _vocabulary, logits.device);
        var (tokens, all) = TokenDraws.Next(logits, _options.Sampling, Uniforms(), forbidden);   // [rows, 1]
        if (forbidden is not null)
        {
            var drawn = tokens.cpu().data<long>().ToArray();
            for (var row = 0; row < _rows; row++)
            {
                var (constraint, state) = _allowed[row];
                _allowed[row].State = constraint?.Next(state, (int)drawn[row]) ?? 0;
            }
        }

        _step++;
        var scores = all.gather(1, tokens).squeeze(1);
        return (tokens.squeeze(1).MoveToOuterDisposeScope(), scores.MoveToOuterDisposeScope());
    }

    private double[] Uniforms()
    {
        var values = new double[_rows];
        for (var row = 0; row < _rows; row++)
        {
            var (prompt, completion) = Math.DivRem(row, _options.CompletionsPerPrompt);
            var number = _options.PromptNumbers.Count == 0 ? prompt : _options.PromptNumbers[prompt];
            values[row] = UniformDraws.At(UniformDraws.OfPrompt(_options.Seed, number), completion, _step);
        }

        return values;
    }
}

/// <summary>Draws tokens from rows of logits by uniform numbers.</summary>
internal static class TokenDraws
{
    /// <summary>One token for every row.</summary>
    /// <param name="logits">[rows, vocabulary].</param>
    /// <param name="sampling">Temperature and filters.</param>
    /// <param name="uniforms">One number in [0, 1) for each row; unused where the best token is taken.</param>
    /// <param name="forbidden">True for tokens that a constraint forbids [rows, vocabulary]; null without one.</param>
    /// <returns>Tokens [rows, 1]; log-probabilities [rows, vocabulary] among what is not forbidden, before any
    /// filter.</returns>
    internal static (Tensor Tokens, Tensor LogProbabilities) Next(
        Tensor logits, SamplingOptions sampling, double[] uniforms, Tensor? forbidden = null)
    {
        var raw = TokenScores.Masked(logits.to(ScalarType.Float32), forbidden);
        var temperature = sampling.Temperature;
        var all = (temperature is 0 or 1 ? raw : raw.Over(temperature)).log_softmax(-1);
        return (temperature == 0 ? raw.argmax(-1, keepdim: true) : Draw(raw, sampling, uniforms), all);
    }

    // Inverse of the cumulative distribution: the first token whose cumulative sum exceeds the target.
    private static Tensor Draw(Tensor scores, SamplingOptions sampling, double[] uniforms)
    {
        var sums = Filter(scores, sampling).softmax(-1, ScalarType.Float64).cumsum(-1);          // [rows, vocabulary]
        var targets = tensor(uniforms, [uniforms.Length, 1], device: scores.device)
            * sums.narrow(-1, sums.size(-1) - 1, 1);                                             // [rows, 1]
        return sums.le(targets).sum(-1L, keepdim: true);
    }

    private static Tensor Filter(Tensor scores, SamplingOptions sampling)
    {
        scores = sampling.Temperature == 1 ? scores : scores.Over(sampling.Temperature);
        scores = sampling.TopK == 0 ? scores : TokenFilters.TopK(scores, sampling.TopK);
        scores = sampling.TopP == 1 ? scores : TokenFilters.TopP(scores, sampling.TopP);
        return sampling.MinP == 0 ? scores : TokenFilters.MinP(scores, sampling.MinP);
    }
}

/// <summary>The sampler's filters on rows of scores [rows, vocabulary]; dropped ones become minus infinity.</summary>
internal static class TokenFilters
{
    /// <summary>Keeps the best tokens, and ties with the last of them.</summary>
    internal static Tensor TopK(Tensor scores, int count)
    {
        var best = scores.topk(Math.Min(count, (int)scores.size(-1))).values;
        return Drop(scores, scores.lt(best.narrow(-1, best.size(-1) - 1, 1)));
    }

    /// <summary>Keeps the fewest best tokens with at least this probability together.</summary>
    internal static Tensor TopP(Tensor scores, double share)
    {
        var (ascending, order) = scores.sort(-1, stable: true);
        var dropped = ascending.softmax(-1).cumsum(-1).IsAbove(1 - share).logical_not();
        using TorchSharp.Scalar kept = false;
        dropped.narrow(-1, dropped.size(-1) - 1, 1).fill_(kept);   // the best token always stays
        return Drop(scores, dropped.scatter(-1, order, dropped));
    }

    /// <summary>Keeps tokens with at least this share of the best token's probability.</summary>
    internal static Tensor MinP(Tensor scores, double share)
    {
        var probabilities = scores.softmax(-1);
        return Drop(scores, probabilities.lt(probabilities.max(-1, keepdim: true).values.Times(share)));
    }

    private static readonly TorchSharp.Scalar s_never = double.NegativeInfinity;

    internal static Tensor Drop(Tensor scores, Tensor dropped) => scores.masked_fill(dropped, s_never);
}

/// <summary>Uniform numbers as a pure function of seed, prompt, completion, and token.</summary>
internal static class UniformDraws
{
    private const double Step = 1.0 / (1L << 32);

    /// <summary>The seed of one prompt among those that share a seed.</summary>
    internal static ulong OfPrompt(ulong seed, int prompt) => Mix(seed) ^ (uint)prompt;

    /// <summary>A number in [0, 1), far enough below 1 that a product with a sum stays below the sum.</summary>
    /// <param name="seed">The prompt's.</param>
    /// <param name="completion">The completion's number among those of the prompt.</param>
    /// <param name="token">The token's number in its completion.</param>
    internal static double At(ulong seed, int completion, int token)
    {
        var state = Mix(seed);
        state = Mix(state ^ ((ulong)(uint)completion << 32));
        state = Mix(state ^ (uint)token);
        return (state >> 32) * Step;
    }

    // The finaliser of SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
    private static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
