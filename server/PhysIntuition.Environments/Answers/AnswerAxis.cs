namespace PhysIntuition.Environments.Answers;

/// <summary>How a page lets a person set a value of an answer; the first value's decides for all.</summary>
public enum AnswerInput
{
    /// <summary>The red block is dragged, along a line or in the tower's plane; cm from its origin.</summary>
    Place,

    /// <summary>Buttons with the words.</summary>
    Choice,

    /// <summary>Quarter turns, which are tried on the picture.</summary>
    Turn,

    /// <summary>The quarters of the picture's left half.</summary>
    Quarter,

    /// <summary>Tiles of the picture, which change places.</summary>
    Tile,

    /// <summary>Numbers are typed into fields.</summary>
    Number,

    /// <summary>A row of fields for each item; items are added and removed.</summary>
    List,

    /// <summary>One of the numbered blocks is picked, and an arrow drawn from it: direction, then strength.</summary>
    Arrow,
}

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
    /// <summary>How a page lets a person set it.</summary>
    public AnswerInput Input { get; init; } = Choices is null ? AnswerInput.Place : AnswerInput.Choice;

    /// <summary>What a page shows before the person has set it.</summary>
    public double Start { get; init; }

    /// <summary>Of the first value of a list, which is the number of items: the fields of an item. The values that
    /// follow are those of all items; as text the answer is a JSON array.</summary>
    public IReadOnlyList<AnswerAxis>? Fields { get; init; }

    /// <summary>A list of at least one item: their number, then the fields of as many as there may be, with the item's
    /// number after their names; those of items that are not there mean nothing.</summary>
    public static IReadOnlyList<AnswerAxis> List(string name, int max, params AnswerAxis[] fields) =>
    [
        new(name, 1, max, "1") { Fields = fields, Input = AnswerInput.List },
        .. from item in Enumerable.Range(1, max)
           from field in fields
           select field with { Name = $"{field.Name}{item}" },
    ];

    /// <summary>A choice; its number is the word's index.</summary>
    public static AnswerAxis Choice(string name, params string[] words) =>
        new(name, 0, words.Length - 1, "1", IsInteger: true, words);

    /// <summary>No is 0 and yes is 1.</summary>
    public static IReadOnlyList<AnswerAxis> YesNo { get; } = [Choice("answer", "no", "yes")];
}
