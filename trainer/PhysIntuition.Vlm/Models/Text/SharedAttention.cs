using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

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
        var scaled = (q * (1 / Math.Sqrt(d))).reshape(rows, keyHeads, lines, d);

        var onPrompt = Gather(scaled, prompts).matmul(promptKeys.transpose(-2, -1));
        if (promptMask is not null)
        {
            onPrompt = onPrompt + promptMask;
        }

        var onOwn = scaled.matmul(keys.transpose(-2, -1));                // [rows, key heads, lines, length]
        if (tokens > 1)
        {
            var byToken = onOwn.reshape(rows, keyHeads, heads / keyHeads, tokens, length);
            onOwn = (byToken + Causal(tokens, length, q)).reshape(onOwn.shape);
        }

        var joined = cat([Scatter(onPrompt, rows, lines), onOwn], -1);    // [rows, key heads, lines, prompt + length]
        var weights = joined.softmax(-1, ScalarType.Float32).to(q.dtype);
        var promptTokens = promptKeys.size(2);
        var fromPrompt = Gather(weights.narrow(-1, 0, promptTokens), prompts).matmul(promptValues);
        var fromOwn = weights.narrow(-1, promptTokens, length).matmul(values);
        return (Scatter(fromPrompt, rows, lines) + fromOwn).reshape(rows, heads, tokens, d);
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
        full([tokens, length], Attention.Hidden, like.dtype, like.device).triu(length - tokens + 1);
}
