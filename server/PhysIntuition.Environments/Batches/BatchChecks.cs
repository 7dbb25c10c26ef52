using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Batches;

/// <summary>Refuses what does not fit a batch.</summary>
internal static class BatchChecks
{
    /// <summary>How a batch is to be set up.</summary>
    public static void Options(TaskSpec task, BatchOptions options)
    {
        if (options.Slots is < 1 or > BatchOptions.MaxSlots)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"'slots' is {options.Slots}; it must lie in [1, {BatchOptions.MaxSlots}]. Open several batches for "
                    + $"more.");
        }

        if (!task.Splits.Contains(options.Split))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "split",
                $"'split' is {options.Split}; {task.Id} has {string.Join(", ", task.Splits)}. Choose one "
                    + $"of these.");
        }
    }

    /// <summary>A list with one entry per slot.</summary>
    public static void Length(string field, int length, int slots, bool allowsEmpty)
    {
        if (length != slots && !(allowsEmpty && length == 0))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field,
                $"'{field}' has {length} entries; the batch has {slots} slots. Send one entry per slot.");
        }
    }

    /// <summary>The index of a slot.</summary>
    public static void Index(int slot, int slots)
    {
        if ((uint)slot >= (uint)slots)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"'slots' names slot {slot}; the batch has the slots 0 to {slots - 1}. Choose one of these.");
        }
    }
}
