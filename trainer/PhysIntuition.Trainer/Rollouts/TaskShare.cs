using System.Globalization;

namespace PhysIntuition.Trainer.Rollouts;

/// <summary>A task and how often it is asked.</summary>
/// <param name="TaskId">Name with version.</param>
/// <param name="Weight">Above 0; relative to the other tasks'.</param>
public sealed record TaskShare(string TaskId, double Weight)
{
    /// <summary>Reads "Stability-v1" or "Stability-v1:2,OffsetX-v1:1".</summary>
    /// <exception cref="ArgumentException">A weight is not above 0, a task is named twice, or none is.</exception>
    public static IReadOnlyList<TaskShare> Parse(string text)
    {
        TaskShare[] shares = [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(ParseOne)];
        if (shares.Length == 0)
        {
            throw new ArgumentException("task is empty; name one, or several as Stability-v1:2,OffsetX-v1:1.");
        }

        return shares.DistinctBy(share => share.TaskId).Count() == shares.Length
            ? shares
            : throw new ArgumentException($"task is '{text}'; a task may be named once. Raise its weight instead.");
    }

    private static TaskShare ParseOne(string part)
    {
        var pieces = part.Split(':');
        var weight = 1.0;
        var isValid = pieces.Length == 1
            || (pieces.Length == 2 && double.TryParse(pieces[1], CultureInfo.InvariantCulture, out weight));
        return isValid && weight > 0 && double.IsFinite(weight)
            ? new TaskShare(pieces[0], weight)
            : throw new ArgumentException($"task '{part}' has no weight above 0; write it as Stability-v1:2.");
    }
}
