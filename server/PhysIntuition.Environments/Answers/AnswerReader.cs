namespace PhysIntuition.Environments.Answers;

/// <summary>Walks through the plain text of an answer, value by value.</summary>
/// <param name="text">What <see cref="PlainText"/> has left.</param>
internal ref struct AnswerReader(ReadOnlySpan<char> text)
{
    private const string Separators = " ,;:.!?°";

    // A unit as the axis has it, and what people write for it.
    private static readonly (string Unit, string[] Words)[] s_units =
    [
        ("cm", ["cm", "centimetres", "centimeters", "hundredths of a metre", "hundredths of a meter", "hundredths"]),
        ("degree", ["degrees", "degree", "deg", "°"]),
        ("N s", ["N s", "Ns", "N·s", "N · s"]),
    ];

    private ReadOnlySpan<char> _rest = text;

    /// <summary>Whether only closing punctuation is left.</summary>
    public readonly bool HasEnded => _rest.IndexOfAnyExcept(" .,!?;:") < 0;

    /// <summary>Reads the next value, of the axis that it names or else of the first that has none yet.</summary>
    /// <returns>Null, or why there is no legal value.</returns>
    public string? Next(IReadOnlyList<AnswerAxis> axes, ref int filled, Span<double> values)
    {
        _rest = _rest.TrimStart();
        if (filled != 0 && _rest is [',' or ';', ..])
        {
            _rest = _rest[1..].TrimStart();
        }

        if (filled == 0 && SkipName("answer"))
        {
            _rest = _rest.TrimStart();
        }

        var index = NamedAxis(axes);
        index = index >= 0 ? index : int.TrailingZeroCount(~filled);
        var axis = axes[index];
        if ((filled & (1 << index)) != 0)
        {
            return $"'{axis.Name}' is there twice.";
        }

        filled |= 1 << index;
        return HasEnded ? $"'{axis.Name}' is missing; {RuleOf(axis)}."
            : axis.Choices is { } words ? NextWord(axis, words, out values[index])
            : NextNumber(axis, out values[index]);
    }

    /// <summary>Reads a text that holds one value and nothing else.</summary>
    /// <param name="text">Null or empty: it is missing.</param>
    /// <param name="axis">What must stand there.</param>
    /// <param name="value">The value.</param>
    /// <returns>Null, or why there is no legal value.</returns>
    public static string? One(string? text, AnswerAxis axis, out double value)
    {
        var reader = new AnswerReader(text);
        var (filled, values) = (0, new double[1]);
        var error = reader.Next([axis], ref filled, values);
        value = values[0];

        return error is not null || reader.HasEnded ? error : $"'{axis.Name}' is '{Shorten(text)}'; {RuleOf(axis)}.";
    }

    private int NamedAxis(IReadOnlyList<AnswerAxis> axes)
    {
        for (var i = 0; i < axes.Count; i++)
        {
            if (SkipName(axes[i].Name))
            {
                return i;
            }
        }

        return -1;
    }

    private bool SkipName(string name)
    {
        if (!_rest.StartsWith(name, StringComparison.OrdinalIgnoreCase)
            || _rest[name.Length..].TrimStart() is not ['=' or ':', ..] after)
        {
            return false;
        }

        _rest = after[1..].TrimStart();
        return true;
    }

    private string? NextWord(AnswerAxis axis, IReadOnlyList<string> words, out double value)
    {
        var length = _rest.IndexOfAny(Separators);
        var word = length < 0 ? _rest : _rest[..length];
        for (var i = 0; i < words.Count; i++)
        {
            if (word.Equals(words[i], StringComparison.OrdinalIgnoreCase))
            {
                value = i;
                _rest = _rest[word.Length..];
                return char.IsAsciiDigit(word[^1]) ? SkipUnit(axis) : null;
            }
        }

        value = 0;
        return $"'{axis.Name}' is '{Shorten(word)}'; {RuleOf(axis)}.";
    }

    private string? NextNumber(AnswerAxis axis, out double value)
    {
        var length = LengthOfNumber(_rest);
        var digits = _rest[..length];
        if (!double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
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
        return SkipUnit(axis);
    }

    // A number stands alone or with its own unit: "12 degrees" is not 12 cm.
    private string? SkipUnit(AnswerAxis axis)
    {
        var rest = _rest.TrimStart();
        var (own, words) = UnitOf(axis);
        foreach (var word in words)
        {
            var isWhole = rest.Length <= word.Length || !char.IsLetter(rest[word.Length]);
            if (isWhole && rest.StartsWith(word, StringComparison.OrdinalIgnoreCase))
            {
                _rest = rest[word.Length..];
                return null;
            }
        }

        var end = rest.IndexOfAny(" ,;:=");
        var other = end < 0 ? rest : rest[..end];
        var isName = end >= 0 && rest[end..].TrimStart() is ['=' or ':', ..];
        var rule = own is null ? "nothing but the next number" : $"only its unit, {own},";
        return isName || other.IsEmpty || !(char.IsLetter(other[0]) || other[0] is '°' or '%')
            ? null
            : $"'{axis.Name}' is followed by '{Shorten(other.TrimEnd(".!?"))}'; {rule} may stand there.";
    }

    private static (string? Own, string[] Words) UnitOf(AnswerAxis axis)
    {
        foreach (var (unit, words) in s_units)
        {
            if (axis.Unit == unit || words[0] == axis.Name)
            {
                return (unit, words);
            }
        }

        return (null, []);
    }

    private static int LengthOfNumber(ReadOnlySpan<char> text)
    {
        var i = 0;
        while (i < text.Length && (char.IsAsciiDigit(text[i]) || text[i] is '+' or '-' or '.' or 'e' or 'E'))
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

    /// <summary>The beginning of a text, for messages.</summary>
    public static string Shorten(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd();
        return text.Length <= 24 ? text.ToString() : string.Concat(text[..24], "...");
    }
}
