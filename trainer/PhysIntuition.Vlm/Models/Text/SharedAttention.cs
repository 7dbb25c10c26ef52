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
        var (prompts, keyHeads, promptTokens) = (promptKeys.size(0), promptKeys.size(1), promptKeys.size(2));
        var completions = rows / prompts;
        var shared = heads / keyHeads;
        var length = keys.size(2);
        var scaled = (q * (1 / Math.Sqrt(d))).reshape(rows, keyHeads, shared * tokens, d);

        var byPrompt = scaled.reshape(prompts, completions, keyHeads, shared * tokens, d)
            .transpose(1, 2).reshape(prompts, keyHeads, completions * shared * tokens, d);
        var promptScores = byPrompt.matmul(promptKeys.transpose(-2, -1));   // [prompts, key heads, all rows, prompt tokens]
        if (promptMask is not null)
        {
            promptScores = promptScores + promptMask;
        }

        promptScores = promptScores.reshape(prompts, keyHeads, completions, shared * tokens, promptTokens)
            .transpose(1, 2).reshape(rows, keyHeads, shared * tokens, promptTokens);
        var ownScores = scaled.matmul(keys.transpose(-2, -1));              // [rows, key heads, shared * tokens, length]
        if (tokens > 1)
        {
            ownScores = (ownScores.reshape(rows, keyHeads, shared, tokens, length) + Causal(tokens, length, q))
                .reshape(rows, keyHeads, shared * tokens, length);
        }

        var weights = cat([promptScores, ownScores], -1).softmax(-1, ScalarType.Float32).to(q.dtype);
        var promptWeights = weights.narrow(-1, 0, promptTokens)
            .reshape(prompts, completions, keyHeads, shared * tokens, promptTokens)
            .transpose(1, 2).reshape(prompts, keyHeads, completions * shared * tokens, promptTokens);
        var fromPrompt = promptWeights.matmul(promptValues)                 // [prompts, key heads, all rows, d]
            .reshape(prompts, keyHeads, completions, shared * tokens, d).transpose(1, 2)
            .reshape(rows, keyHeads, shared * tokens, d);
        var fromOwn = weights.narrow(-1, promptTokens, length).matmul(values);
        return (fromPrompt + fromOwn).reshape(rows, heads, tokens, d);
    }

    private static Tensor Causal(long tokens, long length, Tensor like) =>
        full([tokens, length], Attention.Hidden, like.dtype, like.device).triu(length - tokens + 1);
}
