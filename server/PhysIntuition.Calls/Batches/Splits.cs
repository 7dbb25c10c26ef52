using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Batches;

/// <summary>Splits in wire spelling.</summary>
internal static class Splits
{
    /// <summary>"train", "val", "test", "heldout".</summary>
    public static string NameOf(Split split) => split.ToString().ToLowerInvariant();

    /// <summary>The split of a name, and perhaps a suite: "train", "test/tall-v1"; empty: train.</summary>
    /// <exception cref="PhysIntuitionException">There is none of that name; the message lists them.</exception>
    public static SplitChoice Parse(string name, TaskSpec task)
    {
        try
        {
            return SuiteCatalog.Find(task, name);
        }
        catch (PhysIntuitionException unknown)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "split", unknown.Message)
            {
                Reason = "UNKNOWN_SPLIT",
                Value = name,
                Rule = string.Join(", ", task.Splits.Select(NameOf)),
                Remedy = "Choose one of these.",
            };
        }
    }
}
