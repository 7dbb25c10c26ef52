using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>The sampler's filters on rows of scores [rows, vocabulary]; dropped ones become minus infinity.</summary>
internal static class TokenFilters
{
    /// <summary>Weakens tokens that occurred before: positive scores shrink, negative ones grow.</summary>
    /// <param name="scores">Scores.</param>
    /// <param name="seen">True for tokens that occurred [rows, vocabulary].</param>
    /// <param name="penalty">Above 0; 1 does nothing.</param>
    internal static Tensor Penalise(Tensor scores, Tensor seen, double penalty)
    {
        var weakened = where(scores.lt(0), scores * penalty, scores / penalty);
        return where(seen, weakened, scores);
    }

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
        var dropped = ascending.softmax(-1).cumsum(-1).le(1 - share);
        dropped.narrow(-1, dropped.size(-1) - 1, 1).fill_(false);   // the best token always stays
        return Drop(scores, dropped.scatter(-1, order, dropped));
    }

    /// <summary>Keeps tokens with at least this share of the best token's probability.</summary>
    internal static Tensor MinP(Tensor scores, double share)
    {
        var probabilities = scores.softmax(-1);
        return Drop(scores, probabilities.lt(probabilities.max(-1, keepdim: true).values * share));
    }

    private static Tensor Drop(Tensor scores, Tensor dropped) => scores.masked_fill(dropped, double.NegativeInfinity);
}
