namespace PhysIntuition.Vlm.Generation;

/// <summary>The sampler's filters one score at a time: what the wide ones are compared with.</summary>
/// <remarks>Temperature, top-k, top-p, min-p; a filtered token's score is minus infinity.</remarks>
internal static class ScalarSampler
{
    /// <summary>Applies every filter in place.</summary>
    /// <param name="scores">One score per token of the vocabulary.</param>
    /// <param name="options">Validated options; a temperature of 0 leaves only the best token.</param>
    public static void Filter(Span<float> scores, SamplingOptions options)
    {
        if (options.Temperature == 0)
        {
            KeepOnly(scores, Best(scores));
            return;
        }

        Scale(scores, options.Temperature);
        KeepTopK(scores, options.TopK);
        KeepTopP(scores, options.TopP);
        KeepMinP(scores, options.MinP);
    }

    /// <summary>The probability of every token; the sum is 1 but for rounding.</summary>
    /// <param name="scores">Scores; minus infinity gives 0. At least one must be finite.</param>
    /// <param name="probabilities">As long as the scores; may be the same memory.</param>
    public static void Softmax(ReadOnlySpan<float> scores, Span<float> probabilities)
    {
        var highest = scores[Best(scores)];
        double sum = 0;
        for (var i = 0; i < scores.Length; i++)
        {
            probabilities[i] = MathF.Exp(scores[i] - highest);
            sum += probabilities[i];
        }

        for (var i = 0; i < scores.Length; i++)
        {
            probabilities[i] = (float)(probabilities[i] / sum);
        }
    }

    /// <summary>Filters, then draws one token by the inverse of the cumulative distribution.</summary>
    /// <param name="scores">One score per token; filtered in place, then replaced by probabilities.</param>
    /// <param name="options">Validated options.</param>
    /// <param name="uniform">A number in [0, 1); the same number and scores give the same token.</param>
    public static int Draw(Span<float> scores, SamplingOptions options, double uniform)
    {
        Filter(scores, options);
        Softmax(scores, scores);
        double sum = 0;
        foreach (var probability in scores)
        {
            sum += probability;
        }

        return Invert(scores, uniform * sum);
    }

    /// <summary>The first token of the highest score.</summary>
    public static int Best(ReadOnlySpan<float> scores)
    {
        var best = 0;
        for (var i = 1; i < scores.Length; i++)
        {
            if (scores[i] > scores[best])
            {
                best = i;
            }
        }

        return best;
    }

    private static int Invert(ReadOnlySpan<float> probabilities, double target)
    {
        var last = 0;
        double sum = 0;
        for (var i = 0; i < probabilities.Length; i++)
        {
            if (probabilities[i] == 0)
            {
                continue;   // never a filtered token, not even for a target of 0
            }

            last = i;
            sum += probabilities[i];
            if (target < sum)
            {
                break;
            }
        }

        return last;
    }

    private static void Scale(Span<float> scores, float temperature)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] /= temperature;
        }
    }

    private static void KeepTopK(Span<float> scores, int count)
    {
        if (count > 0 && count < scores.Length)
        {
            KeepFrom(scores, Highest(scores, count));
        }
    }

    /// <summary>The count-th highest score.</summary>
    private static float Highest(ReadOnlySpan<float> scores, int count)
    {
        var best = new PriorityQueue<float, float>(count);
        foreach (var score in scores)
        {
            if (best.Count < count)
            {
                best.Enqueue(score, score);
            }
            else if (score > best.Peek())
            {
                best.DequeueEnqueue(score, score);
            }
        }

        return best.Peek();
    }

    private static void KeepTopP(Span<float> scores, float share)
    {
        if (share >= 1)
        {
            return;
        }

        var probabilities = new float[scores.Length];
        Softmax(scores, probabilities);
        var order = Enumerable.Range(0, scores.Length).Where(i => probabilities[i] > 0).ToArray();
        var keys = Array.ConvertAll(order, i => probabilities[i]);
        Array.Sort(keys, order);

        // Ascending: the least probable tokens go while they and all before them hold at most 1 - share.
        var kept = new bool[scores.Length];
        double sum = 0;
        for (var i = 0; i < order.Length; i++)
        {
            sum += keys[i];
            kept[order[i]] = i == order.Length - 1 || (float)sum > (float)(1.0 - share);
        }

        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = kept[i] ? scores[i] : float.NegativeInfinity;
        }
    }

    private static void KeepMinP(Span<float> scores, float share)
    {
        if (share <= 0)
        {
            return;
        }

        var probabilities = new float[scores.Length];
        Softmax(scores, probabilities);
        var lowest = share * probabilities[Best(scores)];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = probabilities[i] < lowest ? float.NegativeInfinity : scores[i];
        }
    }

    private static void KeepFrom(Span<float> scores, float lowest)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = scores[i] < lowest ? float.NegativeInfinity : scores[i];
        }
    }

    private static void KeepOnly(Span<float> scores, int token)
    {
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = i == token ? scores[i] : float.NegativeInfinity;
        }
    }
}
