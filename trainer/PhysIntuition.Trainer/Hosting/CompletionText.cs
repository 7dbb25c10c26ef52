using System.Text;
using PhysIntuition.Vlm.Tokenization;

namespace PhysIntuition.Trainer.Hosting;

/// <summary>Makes text of tokens as they come: whole characters, and nothing of a text that ends it.</summary>
/// <param name="tokenizer">The model's.</param>
/// <param name="stops">Texts that end it.</param>
internal sealed class CompletionText(Tokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private string _held = "";   // may be the beginning of a stop

    /// <summary>Whether a stop was written.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes a token, and gives the text that is certain now.</summary>
    /// <param name="token">Its id; special tokens are no text.</param>
    /// <param name="isLast">Nothing follows: all of it is told.</param>
    public string Add(int token, bool isLast)
    {
        var bytes = tokenizer.IsSpecial(token) ? [] : tokenizer.BytesOf(token);
        var letters = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length) + 1];
        _held += new string(letters, 0, _decoder.GetChars(bytes, letters, isLast));
        var end = stops.Select(stop => _held.IndexOf(stop, StringComparison.Ordinal)).Where(at => at >= 0)
            .DefaultIfEmpty(-1).Min();
        IsStopped = end >= 0;
        var certain = IsStopped ? end : _held.Length - (isLast ? 0 : stops.Select(Begun).DefaultIfEmpty().Max());
        (var text, _held) = (_held[..certain], IsStopped ? "" : _held[certain..]);
        return text;
    }

    /// <summary>Letters at the end that may begin a stop.</summary>
    private int Begun(string stop)
    {
        for (var length = Math.Min(stop.Length - 1, _held.Length); length > 0; length--)
        {
            if (_held.AsSpan().EndsWith(stop.AsSpan(0, length), StringComparison.Ordinal))
            {
                return length;
            }
        }

        return 0;
    }
}
