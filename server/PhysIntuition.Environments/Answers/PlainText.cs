namespace PhysIntuition.Environments.Answers;

/// <summary>Takes off an answer what only decorates it: Markdown, quotes, brackets, LaTeX, JSON, Unicode.</summary>
internal static class PlainText
{
    // Longer names first, where one begins like another. A blank takes the place of what means nothing here.
    private static readonly (string Name, char Means)[] s_commands =
    [
        ("boxed", ' '), ("textbf", ' '), ("textit", ' '), ("texttt", ' '), ("textrm", ' '), ("text", ' '),
        ("mathrm", ' '), ("mathbf", ' '), ("mathit", ' '), ("displaystyle", ' '), ("left", ' '), ("right", ' '),
        ("qquad", ' '), ("quad", ' '), ("circ", '°'), ("degree", '°'), ("cdot", '·'), ("n", ' '), ("t", ' '),
        ("r", ' '), ("\"", ' '), (",", ' '), (";", ' '), (":", ' '), ("!", ' '), (" ", ' '), ("(", ' '), (")", ' '),
        ("[", ' '), ("]", ' '), ("{", ' '), ("}", ' '),
    ];

    /// <summary>Writes the plain text, no longer than the given one.</summary>
    /// <returns>Characters written.</returns>
    public static int Write(ReadOnlySpan<char> text, Span<char> plain)
    {
        var written = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == '\\')
            {
                letter = Command(text[(i + 1)..], out var length);
                i += length;
            }
            else if (letter == '*' && i > 0 && text[i - 1] is 'N' && i + 1 < text.Length && text[i + 1] is 's')
            {
                letter = '·';   // of a unit, not Markdown
            }

            letter = Plain(letter);
            if (letter != ' ' || (written > 0 && plain[written - 1] != ' '))
            {
                plain[written++] = letter;
            }
        }

        return written;
    }

    private static char Plain(char letter)
    {
        // Full-width forms stand in the order of ASCII.
        letter = letter is >= '\uFF01' and <= '\uFF5E' ? (char)(letter - 0xFEE0) : letter;
        return letter switch
        {
            '(' or ')' or '[' or ']' or '{' or '}' or '*' or '_' or '`' or '#' or '$' or '~' or '^' => ' ',
            '"' or '\'' or '“' or '”' or '„' or '‘' or '’' or '«' or '»' => ' ',
            '\u2010' or '\u2011' or '\u2012' or '\u2013' or '\u2014' or '\u2212' or '\uFE63' => '-',
            '\u200B' or '\u200E' or '\u200F' or '\u2060' or '\uFEFF' => ' ',
            '、' => ',',
            '。' => '.',
            '\u22C5' => '·',
            _ => char.IsWhiteSpace(letter) ? ' ' : letter,
        };
    }

    // What is not known stays a backslash, which no value has.
    private static char Command(ReadOnlySpan<char> text, out int length)
    {
        foreach (var (name, means) in s_commands)
        {
            var isWhole = !char.IsAsciiLetter(name[0]) || name.Length == 1 || text.Length <= name.Length
                || !char.IsAsciiLetter(text[name.Length]);
            if (isWhole && text.StartsWith(name, StringComparison.Ordinal))
            {
                length = name.Length;
                return means;
            }
        }

        length = 0;
        return '\\';
    }
}
