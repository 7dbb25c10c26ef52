using System.Text;
using PhysIntuition.Vlm.Generation;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>A whole completion.</summary>
/// <param name="Text">Without special tokens and what ended it.</param>
/// <param name="Tokens">Every token, that which ended it included.</param>
/// <param name="End">Why it ended.</param>
public sealed record WholeCompletion(string Text, IReadOnlyList<DrawnToken> Tokens, CompletionEnd End)
{
    /// <summary>Gathers a request's parts.</summary>
    /// <param name="parts">As they come.</param>
    /// <param name="count">Completions.</param>
    public static async Task<WholeCompletion[]> GatherAsync(IAsyncEnumerable<CompletionPart> parts, int count)
    {
        var texts = Enumerable.Range(0, count).Select(_ => new StringBuilder()).ToArray();
        var tokens = Enumerable.Range(0, count).Select(_ => new List<DrawnToken>()).ToArray();
        var ends = new CompletionEnd[count];
        await foreach (var part in parts.ConfigureAwait(false))
        {
            texts[part.Completion].Append(part.Text);
            tokens[part.Completion].Add(part.Token);
            ends[part.Completion] = part.End ?? ends[part.Completion];
        }

        return [.. Enumerable.Range(0, count).Select(i =>
            new WholeCompletion(texts[i].ToString(), tokens[i], ends[i]))];
    }
}
