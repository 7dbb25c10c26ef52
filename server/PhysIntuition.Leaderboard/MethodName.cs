using System.Collections.Frozen;
using System.Globalization;

namespace PhysIntuition.Leaderboard;

/// <summary>A method's name, and what it counts as when names are compared.</summary>
/// <param name="Text">As it is shown: trimmed, every run of blanks one blank.</param>
/// <param name="Key">Equal for names that differ in case, blanks, width, accents, or in characters that look
/// alike.</param>
/// <remarks>The key is the skeleton of Unicode Technical Standard 39 (confusable detection) over NFKC and case
/// folding, see <c>make_lookalikes.py</c>.</remarks>
public readonly record struct MethodName(string Text, string Key)
{
    /// <summary>Most characters of a name.</summary>
    public const int MaxLength = 80;

    private static readonly Lazy<FrozenDictionary<int, string>> s_lookalikes = new(ReadLookalikes);

    /// <summary>Reads a name.</summary>
    /// <exception cref="PhysIntuitionException">Empty, too long, or with characters that nobody sees.</exception>
    public static MethodName Parse(string text)
    {
        var shown = string.Join(' ', text.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries));
        if (shown.Length is 0 or > MaxLength)
        {
            throw Refusal($"'method' has {shown.Length} characters without the blanks around it; it must have 1 to " +
                $"{MaxLength}.");
        }

        foreach (var rune in shown.EnumerateRunes())
        {
            if (IsInvisible(rune))
            {
                throw Refusal($"'method' holds U+{rune.Value:X4}, which nobody sees. Leave it out.");
            }
        }

        var key = KeyOf(shown);
        return key.Length > 0
            ? new MethodName(shown, key)
            : throw Refusal("'method' holds no letter, digit or sign of its own. Name the method.");
    }

    private static string KeyOf(string text)
    {
        var key = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is >= 0xAC00 and <= 0xD7A3)
            {
                AppendSyllable(key, rune.Value - 0xAC00);
            }
            else
            {
                Append(key, rune.Value);
            }
        }

        return key.Replace(" ", "").ToString();
    }

    // Unicode Standard, section 3.12: a syllable is a leading consonant, a vowel, and perhaps a trailing consonant.
    private static void AppendSyllable(StringBuilder key, int index)
    {
        Append(key, 0x1100 + (index / 588));
        Append(key, 0x1161 + (index % 588 / 28));
        if (index % 28 > 0)
        {
            Append(key, 0x11A7 + (index % 28));
        }
    }

    private static void Append(StringBuilder key, int code)
    {
        if (s_lookalikes.Value.TryGetValue(code, out var counted))
        {
            key.Append(counted);
        }
        else
        {
            key.Append(char.ConvertFromUtf32(code));
        }
    }

    // Controls, formats, private and unassigned characters, and Unicode's Default_Ignorable_Code_Point.
    private static bool IsInvisible(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0xFFFD or 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or (>= 0x180B and <= 0x180F)
            or 0x2800 or 0x3164 or (>= 0xFE00 and <= 0xFE0F) or 0xFFA0 or (>= 0xE0000 and <= 0xE0FFF);

    private static PhysIntuitionException Refusal(string message) =>
        new(Fault.InvalidArgument, "method", message);

    private static FrozenDictionary<int, string> ReadLookalikes()
    {
        using var stream = typeof(MethodName).Assembly.GetManifestResourceStream("lookalikes.txt")!;
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var counted = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line[0] == '#')
            {
                continue;
            }

            var colon = line.IndexOf(':', StringComparison.Ordinal);
            var key = string.Concat(Codes(line[..colon]).Select(char.ConvertFromUtf32));
            foreach (var range in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var ends = Codes(range.Replace('-', ' '));
                for (var code = ends[0]; code <= ends[^1]; code++)
                {
                    counted[code] = key;
                }
            }
        }

        return counted.ToFrozenDictionary();
    }

    private static int[] Codes(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(code => int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture))];
}
