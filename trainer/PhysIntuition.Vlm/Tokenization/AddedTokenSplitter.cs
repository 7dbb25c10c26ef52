using System.Buffers;

namespace PhysIntuition.Vlm.Tokenization;

/// <summary>Cuts added tokens out of raw text: the leftmost first, of several there the longest.</summary>
internal sealed class AddedTokenSplitter
{
    private readonly SearchValues<string> _contents;
    private readonly AddedToken[] _longestFirst;

    public AddedTokenSplitter(IEnumerable<AddedToken> tokens)
    {
        _longestFirst = [.. tokens.OrderByDescending(token => token.Content.Length)];
        _contents = SearchValues.Create(
            [.. _longestFirst.Select(token => token.Content)], StringComparison.Ordinal);
    }

    /// <summary>Finds the first added token.</summary>
    /// <returns>Where it begins, or -1 and no token.</returns>
    public int Find(ReadOnlySpan<char> text, out AddedToken? token)
    {
        token = null;
        var start = text.IndexOfAny(_contents);
        if (start >= 0)
        {
            var rest = text[start..];
            foreach (var candidate in _longestFirst)
            {
                if (rest.StartsWith(candidate.Content, StringComparison.Ordinal))
                {
                    token = candidate;
                    break;
                }
            }
        }

        return start;
    }
}
