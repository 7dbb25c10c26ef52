namespace PhysIntuition.Environments.Batches;

/// <summary>Reads actions as a task's answers.</summary>
internal static class ActionReader
{
    /// <summary>Reads one action.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="episode">Whose answer it is.</param>
    /// <param name="row">Index to name in errors.</param>
    /// <param name="action">Text or numbers.</param>
    /// <exception cref="PhysIntuitionException">Numbers are too few, too many or out of range. Text that cannot be
    /// read is no error but an illegal answer.</exception>
    public static Answer Read(ITask task, Episode episode, int row, in SlotAction action) =>
        action.Text is { } text ? AttemptRule.Read(task, episode, text)
            : action.IsTry ? AttemptRule.AsTry(episode, Read(task.Spec, row, action.Numbers.Span))
            : Read(task.Spec, row, action.Numbers.Span);

    private static Answer Read(TaskSpec task, int row, ReadOnlySpan<double> numbers)
    {
        var axes = task.Answer;
        if (numbers.Length != axes.Count)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, $"actions[{row}]",
                $"'actions[{row}]' has {numbers.Length} numbers; {task.Id} takes {axes.Count} "
                + $"({string.Join(", ", axes.Select(axis => axis.Name))}), or text.");
        }

        for (var k = 0; k < numbers.Length; k++)
        {
            var (axis, value) = (axes[k], numbers[k]);
            if (!(value >= axis.Min && value <= axis.Max) || (axis.IsInteger && value != Math.Floor(value)))
            {
                throw OutOfRange(axis, row, value);
            }
        }

        return Answer.Of(numbers);
    }

    private static PhysIntuitionException OutOfRange(AnswerAxis axis, int row, double value)
    {
        var kind = axis.IsInteger ? "a whole number" : "a number";

        return new(Fault.InvalidArgument, $"actions[{row}].{axis.Name}",
            string.Create(CultureInfo.InvariantCulture, $"'actions[{row}].{axis.Name}' is {value}; ")
            + string.Create(CultureInfo.InvariantCulture,
                $"it must be {kind} in [{axis.Min}, {axis.Max}] {axis.Unit}. Round and clip it."));
    }
}

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
