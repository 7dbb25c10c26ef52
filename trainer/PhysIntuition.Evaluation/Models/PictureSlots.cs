using System.Buffers;
using System.Security.Cryptography;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Takes the pictures out of a request's body, so that what changes and what is logged is small, and puts them
/// back. They are most of a body, and are neither parsed nor copied on the way.</summary>
internal sealed class PictureSlots
{
    private const int Longest = 1024;   // a prompt is text; nothing else in a request is as long without blanks
    private const char Quote = '"';

    private readonly Dictionary<string, ReadOnlyMemory<char>> _pictures = [];   // parts of bodies, not copies

    /// <summary>The body with "sha256:..." where a data URI or long base64 stood.</summary>
    /// <param name="body">A JSON document.</param>
    public string Take(string body)
    {
        var (text, copied, at) = (new StringBuilder(), 0, 0);
        while (body.AsSpan(at).IndexOf(Quote) is >= 0 and var begin)
        {
            var start = at + begin + 1;
            var end = EndOf(body, start);
            var content = body.AsSpan(start, end - start);
            if (content.Length > Longest && !content.Contains(' ') && HashOf(content) is { } hash)
            {
                _pictures[hash] = body.AsMemory(start, end - start);
                text.Append(body, copied, start - copied).Append(hash);
                copied = end;
            }

            at = end + 1;
        }

        return text.Append(body, copied, body.Length - copied).ToString();
    }

    /// <summary>A body with its pictures again.</summary>
    /// <param name="body">What <see cref="Take"/> gave, perhaps with other members.</param>
    public string PutBack(string body)
    {
        foreach (var (hash, content) in _pictures)
        {
            // A hash stands once in a body, but for a picture that is shown twice.
            for (var at = 0; (at = body.IndexOf(hash, at, StringComparison.Ordinal)) >= 0; at += content.Length)
            {
                body = string.Concat(body.AsSpan(0, at), content.Span, body.AsSpan(at + hash.Length));
            }
        }

        return body;
    }

    // Where the string that begins here ends: a quote that no backslash stands before.
    private static int EndOf(string body, int start)
    {
        while (true)
        {
            start += body.AsSpan(start).IndexOfAny(Quote, '\\');
            if (body[start] == Quote)
            {
                return start;
            }

            start += 2;
        }
    }

    // Null: no base64, such as a text in a script that puts no blanks between words.
    private static string? HashOf(ReadOnlySpan<char> content)
    {
        var base64 = content[(content.IndexOf(',') + 1)..];
        var (plain, bytes) = (ArrayPool<char>.Shared.Rent(base64.Length), ArrayPool<byte>.Shared.Rent(base64.Length));
        try
        {
            var length = Unescape(base64, plain);
            return length > 0 && Convert.TryFromBase64Chars(plain.AsSpan(0, length), bytes, out var written)
                ? "sha256:" + Convert.ToHexStringLower(SHA256.HashData(bytes.AsSpan(0, written)))
                : null;
        }
        finally
        {
            ArrayPool<char>.Shared.Return(plain);
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    // Writers may escape a plus sign and a slash. 0: something else is escaped.
    private static int Unescape(ReadOnlySpan<char> base64, Span<char> plain)
    {
        const string plus = "\\u002B", slash = "\\/";
        var length = 0;
        while (base64.IndexOf('\\') is >= 0 and var at)
        {
            base64[..at].CopyTo(plain[length..]);
            var isPlus = base64[at..].StartsWith(plus, StringComparison.OrdinalIgnoreCase);
            if (!isPlus && !base64[at..].StartsWith(slash))
            {
                return 0;
            }

            plain[length + at] = isPlus ? '+' : '/';
            length += at + 1;
            base64 = base64[(at + (isPlus ? plus : slash).Length)..];
        }

        base64.CopyTo(plain[length..]);
        return length + base64.Length;
    }
}
