using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Batches;

/// <summary>Splits in wire spelling.</summary>
internal static class Splits
{
    /// <summary>"train", "val", "test", "heldout".</summary>
    public static string NameOf(Split split) => split.ToString().ToLowerInvariant();

    /// <summary>The split of a name; empty: train.</summary>
    /// <exception cref="PhysIntuitionException">The task has no such split.</exception>
    public static Split Parse(string name, TaskSpec task)
    {
        foreach (var split in task.Splits)
        {
            if (NameOf(split) == (name.Length == 0 ? "train" : name))
            {
                return split;
            }
        }

        var known = string.Join(", ", task.Splits.Select(NameOf));
        throw new PhysIntuitionException(
            Fault.InvalidArgument, "split", $"'split' is '{name}'; {task.Id} has {known}. Choose one of these.")
        {
            Reason = "UNKNOWN_SPLIT",
            Value = name,
            Rule = known,
            Remedy = "Choose one of these.",
        };
    }
}
