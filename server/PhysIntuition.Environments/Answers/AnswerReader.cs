using System.Globalization;

namespace PhysIntuition.Environments.Answers;

/// <summary>Walks through the characters between the answer tags.</summary>
internal ref struct AnswerReader(ReadOnlySpan<char> text)
{
    private const string Brackets = "()[]{}";
    private const char Minus = '\u2212';   // the mathematical sign, which models write as often as a hyphen

    private static readonly string[] s_units =
        ["cm", "centimetres", "centimeters", "hundredths", "degrees", "degree", "deg", "°", "Ns", "N s", "N*s", "N·s"];

    private ReadOnlySpan<char> _rest = Trim(text);

    /// <summary>Whether only brackets, blanks and a full stop are left.</summary>
    public readonly bool HasEnded => Trim(_rest.TrimEnd('.')).Length == 0;

    /// <summary>Reads the next value.</summary>
    /// <returns>Null, or why there is no legal value.</returns>
    public string? Next(AnswerAxis axis, bool isFirst, out double value)
    {
        value = 0;
        _rest = Trim(_rest);
        if (!isFirst && _rest.Length > 0 && _rest[0] is ',' or ';')
        {
            _rest = Trim(_rest[1..]);
        }

        SkipName(axis.Name);
        if (_rest.Length == 0)
        {
            return $"'{axis.Name}' is missing; {RuleOf(axis)}.";
        }

        return axis.Choices is { } words ? NextWord(axis, words, out value) : NextNumber(axis, out value);
    }

    private string? NextWord(AnswerAxis axis, IReadOnlyList<string> words, out double value)
    {
        var length = _rest.IndexOfAny(" ,;.)]}°\t\r\n");
        var word = length < 0 ? _rest : _rest[..length];
        for (var i = 0; i < words.Count; i++)
        {
            if (word.Equals(words[i], StringComparison.OrdinalIgnoreCase))
            {
                value = i;
                _rest = _rest[word.Length..];
                if (char.IsAsciiDigit(word[^1]))
                {
                    SkipUnit();
                }

                return null;
            }
        }

        value = 0;
        return $"'{axis.Name}' is '{Shorten(word)}'; {RuleOf(axis)}.";
    }

    private string? NextNumber(AnswerAxis axis, out double value)
    {
        var length = LengthOfNumber(_rest);
        var digits = _rest[..length];
        var plain = digits.Contains(Minus) ? digits.ToString().Replace(Minus, '-') : digits;
        if (!double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
            || !double.IsFinite(value))
        {
            return $"'{axis.Name}' is '{Shorten(_rest)}'; {RuleOf(axis)}.";
        }

        if (axis.IsInteger && digits.IndexOfAny(".eE") >= 0)
        {
            return $"'{axis.Name}' is '{Shorten(digits)}'; {RuleOf(axis)}, without decimals.";
        }

        if (value < axis.Min || value > axis.Max)
        {
            return $"'{axis.Name}' is {Shorten(digits)}; {RuleOf(axis)}.";
        }

        _rest = _rest[length..];
        SkipUnit();
        return null;
    }

    private void SkipName(string name)
    {
        if (!_rest.StartsWith(name, StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var after = _rest[name.Length..].TrimStart();
        if (after.Length > 0 && after[0] is '=' or ':')
        {
            _rest = Trim(after[1..]);
        }
    }

    private void SkipUnit()
    {
        var rest = _rest.TrimStart();
        foreach (var unit in s_units)
        {
            var isWhole = rest.Length <= unit.Length || !char.IsLetter(rest[unit.Length]);
            if (isWhole && rest.StartsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                _rest = rest[unit.Length..];
                return;
            }
        }
    }

    private static int LengthOfNumber(ReadOnlySpan<char> text)
    {
        var i = 0;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or Minus or '.' or 'e' or 'E'))
        {
            i++;
        }

        // A full stop that ends the sentence is not a decimal point.
        return i > 0 && text[i - 1] == '.' ? i - 1 : i;
    }

    private static string RuleOf(AnswerAxis axis) => axis.Choices is { } words
        ? $"it must be one of {string.Join(", ", words)}"
        : string.Create(CultureInfo.InvariantCulture,
            $"it must be {(axis.IsInteger ? "a whole number" : "a number")} in [{axis.Min}, {axis.Max}] {axis.Unit}");

    private static string Shorten(ReadOnlySpan<char> text) =>
        text.Length <= 24 ? text.ToString() : string.Concat(text[..24], "...");

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        while (true)
        {
            var trimmed = text.Trim().Trim(Brackets);
            if (trimmed.Length == text.Length)
            {
                return trimmed;
            }

            text = trimmed;
        }
    }
}
