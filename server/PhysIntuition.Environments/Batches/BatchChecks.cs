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

    /// <summary>The options of a batch's episodes.</summary>
    public static void Options(EnvironmentBatch batch, TaskOptions options)
    {
        OptionsReader.Check(batch.Task.Spec, options);
        if (batch.IsWithheld)
        {
            AttemptRule.CheckWithheld(batch.Task.Spec, options);
        }
    }

    /// <summary>What a reset is asked to do.</summary>
    public static void Reset(
        EnvironmentBatch batch, ReadOnlySpan<bool> mask, ReadOnlySpan<ulong> seeds,
        IReadOnlyList<TaskOptions?>? options)
    {
        Length("mask", mask.Length, batch.Slots, allowsEmpty: true);
        Length("seeds", seeds.Length, batch.Slots, allowsEmpty: true);
        if (options is not null)
        {
            Length("options", options.Count, batch.Slots, allowsEmpty: false);
        }

        for (var i = 0; i < batch.Slots; i++)
        {
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            if (options?[i] is { } own && !ReferenceEquals(own, batch.OptionsOf(i)))
            {
                Options(batch, own);
            }

            if (!seeds.IsEmpty)
            {
                _ = SceneSeed.Of(batch.Task.Spec.Id, batch.Options.Split, seeds[i]);
            }
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
