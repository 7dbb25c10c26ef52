namespace PhysIntuition.Environments.Answers;

/// <summary>One number of an answer, or a choice among named values.</summary>
/// <param name="Name">Wire spelling, for example <c>x</c>.</param>
/// <param name="Min">Smallest legal value; 0 for a choice.</param>
/// <param name="Max">Largest legal value; the number of choices - 1 for a choice.</param>
/// <param name="Unit">What one step of the number means: <c>cm</c>, <c>degree</c>, <c>N s</c>, <c>1</c>.</param>
/// <param name="IsInteger">Whether decimals are an error.</param>
/// <param name="Choices">The words whose index is the number, or null for a plain number.</param>
public sealed record AnswerAxis(
    string Name, double Min, double Max, string Unit, bool IsInteger = true, IReadOnlyList<string>? Choices = null)
{
    /// <summary>A choice; its number is the word's index.</summary>
    public static AnswerAxis Choice(string name, params string[] words) =>
        new(name, 0, words.Length - 1, "1", IsInteger: true, words);

    /// <summary>No is 0 and yes is 1.</summary>
    public static IReadOnlyList<AnswerAxis> YesNo { get; } = [Choice("answer", "no", "yes")];
}
