using System.Security.Cryptography;
using System.Text;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Takes the pictures out of a request's body, so that what changes and what is logged is small, and puts them
/// back. They are most of a body, and are neither parsed nor copied on the way.</summary>
internal sealed class PictureSlots
{
    private const int Longest = 1024;   // a prompt is text; nothing else in a request is as long without blanks
    private const char Quote = '"';

    private readonly Dictionary<string, string> _pictures = [];

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
            if (content.Length > Longest && !content.Contains(' '))
            {
                var hash = HashOf(content);
                _pictures[hash] = content.ToString();
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
            body = body.Replace(hash, content, StringComparison.Ordinal);
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

    // Writers may escape a plus sign and a slash.
    private static string HashOf(ReadOnlySpan<char> content)
    {
        var base64 = content[(content.IndexOf(',') + 1)..].ToString();
        var plain = base64.Contains('\\')
            ? base64.Replace("\\u002B", "+", StringComparison.OrdinalIgnoreCase).Replace("\\/", "/")
            : base64;
        return "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Convert.FromBase64String(plain)));
    }
}
