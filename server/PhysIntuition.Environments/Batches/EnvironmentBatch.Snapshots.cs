using System.Buffers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Batches;

/// <content>States as values: captured, put back, copied from slot to slot.</content>
public sealed partial class EnvironmentBatch
{
    /// <summary>Writes a slot's whole state: episode, random stream, options. About 100 bytes a body.</summary>
    /// <param name="slot">Index of the slot; between calls, and with an episode.</param>
    /// <param name="target">Receives the bytes. They hold the labels: sign and encrypt before they leave the
    /// server.</param>
    public void Capture(int slot, IBufferWriter<byte> target)
    {
        CheckIdle();
        _ = EpisodeOf(slot, Moment.Now);
        SlotFile.Write(_slots[slot], Task.Spec.Id, target);
    }

    /// <summary>Puts a captured state into a slot, of this or another batch of the same task and split.</summary>
    /// <exception cref="PhysIntuitionException">The bytes are damaged, or of another task, split or
    /// version.</exception>
    public void Restore(int slot, ReadOnlySpan<byte> source)
    {
        CheckIdle();
        CheckIndex(slot);
        SlotFile.Read(_slots[slot], Task.Spec, Options.Split, source);
        ClearResult(slot);
        ShowEpisode(slot);
    }

    /// <summary>Makes a slot equal to a slot of this or another batch of the same task and split.</summary>
    /// <param name="slot">Overwritten.</param>
    /// <param name="origin">The batch to copy from; may be this one.</param>
    /// <param name="originSlot">The slot to copy from; stays as it is.</param>
    public void Fork(int slot, EnvironmentBatch origin, int originSlot)
    {
        CheckIdle();
        origin.CheckIdle();
        CheckIndex(slot);
        _ = origin.EpisodeOf(originSlot, Moment.Now);
        if (origin.Task.Spec.Id != Task.Spec.Id || origin.Options.Split != Options.Split)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"A slot of {origin.Task.Spec.Id} ({origin.Options.Split}) cannot go on in a batch of {Task.Spec.Id} "
                + $"({Options.Split}). Fork into a batch of the same task and split.");
        }

        _slots[slot].CopyFrom(origin._slots[originSlot]);
        ClearResult(slot);
        ShowEpisode(slot);
    }

    private void CheckIndex(int slot)
    {
        if ((uint)slot >= (uint)_slots.Length)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"'slots' names slot {slot}; the batch has the slots 0 to {Slots - 1}. Choose one of these.");
        }
    }
}
