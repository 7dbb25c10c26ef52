using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Models;

/// <summary>How probable the model finds given tokens; logits are never held for more rows than fit a bound.</summary>
/// <param name="LogProbabilities">log p of each target [rows], float32.</param>
/// <param name="Entropies">Entropy of each row's distribution in nats [rows], without gradient.</param>
public sealed record TokenScores(Tensor LogProbabilities, Tensor Entropies)
{
    private const long MaxLogits = 1L << 26;   // 256 MiB of float32 at a time

    /// <summary>Scores targets under softmax(head(states) / temperature).</summary>
    /// <param name="model">The model whose head is used.</param>
    /// <param name="states">States [rows, hidden], each from the token before its target.</param>
    /// <param name="targets">Token ids [rows].</param>
    /// <param name="temperature">Above 0; 1 for the model's own distribution.</param>
    public static TokenScores Of(VisionLanguageModel model, Tensor states, Tensor targets, double temperature = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(temperature);
        var (rows, step) = (states.size(0), Math.Max(1, MaxLogits / model.Config.Text.VocabSize));
        var parts = new List<Tensor>();
        for (long start = 0; start < rows; start += step)
        {
            var count = Math.Min(step, rows - start);
            var part = states.narrow(0, start, count);
            var wanted = targets.narrow(0, start, count).unsqueeze(1);            // [count, 1]
            Tensor Score(Tensor given) => Chunk(model, given, wanted, temperature);

            // One chunk's logits are small enough to keep; several are computed again in the backward pass.
            parts.Add(rows <= step ? Score(part) : Checkpoint.Run(model, Score, part));
        }

        var all = parts.Count == 1 ? parts[0] : cat(parts, 1);                    // [2, rows]
        return new TokenScores(all.select(0, 0), all.select(0, 1));
    }

    // Score and entropy [2, count]; the entropy has no history.
    private static Tensor Chunk(VisionLanguageModel model, Tensor states, Tensor wanted, double temperature)
    {
        var logits = model.Head(states).to(ScalarType.Float32);                   // [count, vocabulary]
        var all = (temperature == 1 ? logits : logits / temperature).log_softmax(-1);
        var constant = all.detach();
        var entropy = (constant.exp() * constant).sum(-1L).neg();
        return stack([all.gather(1, wanted).squeeze(1), entropy]);
    }
}
