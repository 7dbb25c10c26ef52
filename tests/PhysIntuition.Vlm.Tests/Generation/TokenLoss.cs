using PhysIntuition.Vlm.Models;
using static TorchSharp.torch;

namespace PhysIntuition.Vlm.Generation;

/// <summary>Cross entropy of the labelled tokens, summed, so that several batches can share one mean.</summary>
/// <param name="Sum">Sum over labelled tokens, float32 with history.</param>
/// <param name="Count">Labelled tokens.</param>
internal sealed record TokenLoss(Tensor Sum, long Count)
{
    /// <summary>The label of a token that is not learned.</summary>
    public const int Ignored = -100;

    /// <summary>The mean over labelled tokens.</summary>
    public Tensor Mean => Sum.Over(Count);

    /// <summary>Runs a batch and compares its predictions with labels; only labelled rows reach the head.</summary>
    /// <param name="model">The model.</param>
    /// <param name="batch">The batch; padding on either side.</param>
    /// <param name="labels">Per sequence one label per token, equal to the token or <see cref="Ignored"/>.</param>
    /// <exception cref="ArgumentException">Counts disagree, or no token is labelled.</exception>
    public static TokenLoss Of(VisionLanguageModel model, VlmBatch batch, IReadOnlyList<IReadOnlyList<int>> labels)
    {
        var (rows, targets) = LabelledRows(batch, labels);
        var states = model.States(batch);                                               // [batch, tokens, hidden]
        var places = tensor(rows, [rows.Length], device: model.Device);
        var wanted = tensor(targets, [targets.Length], device: model.Device);
        var predicting = states.view(-1, states.size(2)).index_select(0, places);       // [labelled, hidden]
        var sum = TokenScores.Of(model, predicting, wanted).LogProbabilities.sum().neg();
        return new TokenLoss(sum, rows.Length);
    }

    /// <summary>Rows of the flattened batch whose next token is labelled, and those tokens.</summary>
    private static (long[] Rows, long[] Targets) LabelledRows(
        VlmBatch batch, IReadOnlyList<IReadOnlyList<int>> labels)
    {
        if (labels.Count != batch.Sequences.Count)
        {
            throw new ArgumentException(
                $"There are {labels.Count} label rows for {batch.Sequences.Count} sequences.", nameof(labels));
        }

        var rows = new List<long>();
        var targets = new List<long>();
        for (var row = 0; row < labels.Count; row++)
        {
            AddRow(batch, row, labels[row], rows, targets);
        }

        return rows.Count > 0
            ? ([.. rows], [.. targets])
            : throw new ArgumentException("No token is labelled: nothing can be learned.", nameof(labels));
    }

    private static void AddRow(VlmBatch batch, int row, IReadOnlyList<int> labels, List<long> rows, List<long> targets)
    {
        var count = batch.Sequences[row].TokenIds.Count;
        if (labels.Count != count)
        {
            throw new ArgumentException(
                $"Sequence {row} has {count} tokens but {labels.Count} labels.", nameof(labels));
        }

        var start = ((long)row * batch.Length) + (batch.IsLeftPadded ? batch.Length - count : 0);
        for (var i = 1; i < count; i++)
        {
            if (labels[i] != Ignored)
            {
                rows.Add(start + i - 1);
                targets.Add(labels[i]);
            }
        }
    }
}
