namespace PhysIntuition.Environments.Batches;

/// <summary>One slot's action: a model's text, or one number per axis of the task's answer.</summary>
/// <param name="Text">The whole reply; null when numbers are given.</param>
/// <param name="Numbers">One per axis, in its unit; empty when text is given.</param>
public readonly record struct SlotAction(string? Text, ReadOnlyMemory<double> Numbers)
{
    /// <summary>A model's reply.</summary>
    public static SlotAction OfText(string text) => new(text, default);

    /// <summary>Numbers.</summary>
    public static SlotAction OfNumbers(params double[] numbers) => new(null, numbers);

    /// <summary>Whether only what would come of it is asked; a text says so itself.</summary>
    public bool IsTry { get; init; }

    /// <summary>Nothing: legal only where the action is ignored, in the step that resets.</summary>
    public bool IsEmpty => Text is null && Numbers.IsEmpty;
}
