namespace PhysIntuition.Environments.Answers;

/// <summary>Reads and writes answers as text between <c>&lt;answer&gt;</c> and <c>&lt;/answer&gt;</c>.</summary>
/// <remarks>
/// Forgiving in form, as docs/protocol.md lists it: Markdown, quotes, brackets, LaTeX, JSON, Unicode's dashes and
/// blanks, capitals, names such as <c>x =</c> in any order, the own unit after a number, closing punctuation. Strict
/// in meaning: the last answer counts, every number must be there, decimals where integers are asked are an error,
/// and so is another unit or anything else between the tags.
/// </remarks>
public static class AnswerText
{
    /// <summary>Longest text that is looked at; the answer must stand in its last part.</summary>
    public const int MaxCharacters = 1 << 20;

    private const string Open = "<answer>";
    private const string Close = "</answer>";
    private const string OpenTry = "<try>";
    private const string CloseTry = "</try>";

    /// <summary>Reads the last answer in a text.</summary>
    /// <param name="text">A model's whole reply.</param>
    /// <param name="axes">What must stand there.</param>
    /// <returns>The numbers, or an answer whose <see cref="Answer.Error"/> says what is wrong.</returns>
    public static Answer Read(ReadOnlySpan<char> text, IReadOnlyList<AnswerAxis> axes)
    {
        if (text.Length > MaxCharacters)
        {
            text = text[^MaxCharacters..];
        }

        var close = text.LastIndexOf(Close, StringComparison.OrdinalIgnoreCase);
        var open = close < 0 ? -1 : text[..close].LastIndexOf(Open, StringComparison.OrdinalIgnoreCase);
        if (open < 0)
        {
            return Answer.Unreadable("There is no <answer>...</answer>; write the answer between these tags.");
        }

        var inner = text[(open + Open.Length)..close];
        close = inner.IndexOf(Close, StringComparison.OrdinalIgnoreCase);
        return ReadInner(close < 0 ? inner : inner[..close], axes);
    }

    /// <summary>Finds what stands between try tags where these are a text's last pair.</summary>
    /// <returns>Null: an answer comes after it, or there is none.</returns>
    public static Range? FindTry(string text)
    {
        var end = text.LastIndexOf(CloseTry, StringComparison.OrdinalIgnoreCase);
        var start = end < 0 ? -1 : text.LastIndexOf(OpenTry, end, StringComparison.OrdinalIgnoreCase);

        return start >= 0 && text.LastIndexOf(Close, StringComparison.OrdinalIgnoreCase) < start
            ? (start + OpenTry.Length)..end
            : null;
    }

    /// <summary>Writes an answer so that <see cref="Read"/> gives it back.</summary>
    /// <param name="answer">Legal.</param>
    /// <param name="axes">What it consists of.</param>
    /// <param name="form">Whether several numbers stand in brackets.</param>
    /// <param name="isTry">Between try tags.</param>
    public static string Write(
        in Answer answer, IReadOnlyList<AnswerAxis> axes, AnswerForm form = default, bool isTry = false) =>
        (isTry ? OpenTry : Open) + WriteInner(answer, axes, form) + (isTry ? CloseTry : Close);

    /// <summary>Writes an answer without its tags.</summary>
    public static string WriteInner(in Answer answer, IReadOnlyList<AnswerAxis> axes, AnswerForm form = default)
    {
        if (axes[0].Fields is not null)
        {
            return AnswerList.Write(answer, axes);
        }

        var hasBrackets = axes.Count > 1 && form == AnswerForm.Paper;
        var text = new StringBuilder();
        for (var i = 0; i < axes.Count; i++)
        {
            text.Append(i > 0 ? ", " : hasBrackets ? "(" : "");
            text.Append(axes[i].Choices is { } words
                ? words[(int)answer[i]]
                : answer[i].ToString("0.####", CultureInfo.InvariantCulture));
        }

        return text.Append(hasBrackets ? ")" : "").ToString();
    }

    /// <summary>The form that a prompt asks for, for example <c>&lt;answer&gt;(x, y)&lt;/answer&gt;</c>.</summary>
    /// <param name="axes">What an answer consists of.</param>
    /// <param name="form">In which words.</param>
    public static string FormOf(IReadOnlyList<AnswerAxis> axes, AnswerForm form = default)
    {
        if (form == AnswerForm.One)
        {
            return $"{Open}...{Close} with {Kind(axes)} in place of the dots";
        }

        if (axes[0].Fields is not null)
        {
            return Open + AnswerList.FormOf(axes) + Close;
        }

        if (axes is [{ Choices: { } words }])
        {
            return words.Count <= 4
                ? string.Join(" or ", words.Reverse().Select(word => Open + word + Close))
                : $"{Open}{axes[0].Name}{Close}, where {axes[0].Name} is {Kind(axes)}";
        }

        return Open + (axes.Count > 1 ? $"({string.Join(", ", axes.Select(a => a.Name))})" : axes[0].Name) + Close;
    }

    private static string Count(int count) => count switch
    {
        2 => "two",
        3 => "three",
        4 => "four",
        _ => count.ToString(CultureInfo.InvariantCulture),
    };

    private static string Kind(IReadOnlyList<AnswerAxis> axes) => axes switch
    {
        [{ Fields: not null }, ..] => $"a list, {AnswerList.FormOf(axes)},",
        [{ Choices: [var no, var yes] }] => $"{yes} or {no}",
        [{ Choices: { } words }] => $"one of {string.Join(", ", words)}",
        [var axis] => $"one number ({axis.Name})",
        _ => $"{Count(axes.Count)} numbers ({string.Join(", ", axes.Select(axis => axis.Name))})",
    };

    private static Answer ReadInner(ReadOnlySpan<char> inner, IReadOnlyList<AnswerAxis> axes)
    {
        if (axes[0].Fields is not null)
        {
            return AnswerList.Read(inner, axes);
        }

        Span<double> numbers = stackalloc double[Answer.MaxNumbers];
        var plain = inner.Length <= 256 ? stackalloc char[inner.Length] : new char[inner.Length];
        var reader = new AnswerReader(plain[..PlainText.Write(inner, plain)]);
        var filled = 0;
        for (var i = 0; i < axes.Count; i++)
        {
            if (reader.Next(axes, ref filled, numbers) is { } error)
            {
                return Answer.Unreadable(error);
            }
        }

        return reader.HasEnded
            ? Answer.Of(numbers[..axes.Count])
            : Answer.Unreadable(axes.Count == 1
                ? "There is more than one value between the tags; exactly one is asked."
                : $"There are more than {axes.Count} values between the tags.");
    }
}

/// <summary>In which words prompts ask for an answer, and how experts write theirs.</summary>
/// <remarks>Replies may have any form that <see cref="AnswerText"/> reads, whichever was asked for.</remarks>
public enum AnswerForm
{
    /// <summary>As the paper's prompts: a pair of numbers in brackets, yes and no each between tags.</summary>
    Paper,

    /// <summary>The same words in every prompt, and one grammar: values, a comma between two, no brackets.</summary>
    One,
}
