namespace PhysIntuition.Vlm.Generation;

/// <summary>How probable the model finds given tokens; logits are never held for more rows than fit a bound.</summary>
/// <param name="LogProbabilities">log p of each target [rows], float32.</param>
/// <param name="Entropies">Entropy of each row's distribution in nats [rows]; with history only where asked.</param>
public sealed record TokenScores(Tensor LogProbabilities, Tensor Entropies)
{
    private const long MaxLogits = 1L << 26;   // 256 MiB of float32 at a time

    // Finite, so that 0 times it is 0 in an entropy; far below any logit at any temperature.
    private static readonly TorchSharp.Scalar s_forbidden = -1e30f;

    /// <summary>Scores targets under softmax(head(states) / temperature).</summary>
    /// <param name="model">The model whose head is used.</param>
    /// <param name="states">States [rows, hidden], each from the token before its target.</param>
    /// <param name="targets">Token ids [rows].</param>
    /// <param name="temperature">Above 0; 1 for the model's own distribution.</param>
    /// <param name="learnsEntropy">Keeps the entropies' history, too, for losses that have them as a term.</param>
    /// <param name="forbidden">True for tokens that could not come [rows, vocabulary]; null: all could.</param>
    public static TokenScores Of(
        VisionLanguageModel model, Tensor states, Tensor targets, double temperature = 1, bool learnsEntropy = false,
        Tensor? forbidden = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var (rows, step) = (states.size(0), Math.Max(1, MaxLogits / model.Config.Text.VocabSize));
        var parts = new List<Tensor>();
        for (long start = 0; start < rows; start += step)
        {
            var count = Math.Min(step, rows - start);
            var part = states.narrow(0, start, count);
            var wanted = targets.narrow(0, start, count).unsqueeze(1);            // [count, 1]
            var hidden = forbidden?.narrow(0, start, count);
            Tensor Score(Tensor given) => Chunk(model, given, wanted, (temperature, learnsEntropy, hidden));

            // One chunk's logits are small enough to keep; several are computed again in the backward pass.
            parts.Add(rows <= step ? Score(part) : GradientCheckpoint.Run(model, Score, part));
        }

        var all = parts.Count == 1 ? parts[0] : cat(parts, 1);                    // [2, rows]
        return new TokenScores(all.select(0, 0), all.select(0, 1));
    }

    /// <summary>Logits of which forbidden ones are so low that their probability is 0.</summary>
    internal static Tensor Masked(Tensor logits, Tensor? forbidden) =>
        forbidden is null ? logits : logits.masked_fill(forbidden, s_forbidden);

    // Score and entropy [2, count].
    private static Tensor Chunk(
        VisionLanguageModel model, Tensor states, Tensor wanted,
        (double Temperature, bool LearnsEntropy, Tensor? Forbidden) how)
    {
        var logits = Masked(model.Head(states).to(ScalarType.Float32), how.Forbidden);   // [count, vocabulary]
        var all = (how.Temperature == 1 ? logits : logits.Over(how.Temperature)).log_softmax(-1);
        var known = how.LearnsEntropy ? all : all.detach();
        var entropy = (known.exp() * known).sum(-1L).neg();
        return stack([all.gather(1, wanted).squeeze(1), entropy]);
    }
}
