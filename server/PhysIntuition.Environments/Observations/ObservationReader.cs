using System.Buffers;
using System.Runtime.InteropServices;

namespace PhysIntuition.Environments.Observations;

/// <summary>Reads observations other than pictures off a batch, for all rows of a reply at once.</summary>
/// <remarks>Pictures are drawn by <see cref="BatchView.Render"/>, several channels at a time.</remarks>
public static class ObservationReader
{
    /// <summary>Reads numbers.</summary>
    /// <param name="batch">Between two calls.</param>
    /// <param name="kind">Of type int32, uint64 or float32.</param>
    /// <param name="slots">One for each row.</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="outcome">What is shown of ended ones; null: as the batch's options say.</param>
    /// <param name="target">Rows of the type and shape that the kind's <see cref="ObservationSpec"/> says.</param>
    /// <param name="holdsStates">Of the kind state: whether the target holds other rows of it.</param>
    public static void Read(
        EnvironmentBatch batch, ObservationKind kind, ReadOnlySpan<int> slots, ObservationTime time,
        TerminalView? outcome, Span<byte> target, bool holdsStates = false)
    {
        var (results, isFinal) = (batch.Results, time == ObservationTime.Final);
        switch (kind)
        {
            case ObservationKind.State:
                batch.View.State(slots, MemoryMarshal.Cast<byte, float>(target), time, outcome, holdsStates);
                break;
            case ObservationKind.Margin:
                batch.View.CheckDisclosed("margin");
                Gather(isFinal ? results.FinalMargins : results.Margins, slots, target);
                break;
            case ObservationKind.Seed:
                Gather(isFinal ? results.FinalSeeds : results.Seeds, slots, target);
                break;
            case ObservationKind.Steps:
                Gather(isFinal ? results.FinalSteps : results.Steps, slots, target);
                break;
            case ObservationKind.SceneHash:
                Gather(isFinal ? results.FinalSceneHashes : results.SceneHashes, slots, target);
                break;
            case ObservationKind.OutcomeHash:
                ReadOutcomeHashes(batch, slots, isFinal, MemoryMarshal.Cast<byte, ulong>(target));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only numbers are read here.");
        }
    }

    /// <summary>Reads one row of a text.</summary>
    public static string ReadText(EnvironmentBatch batch, ObservationKind kind, int slot, ObservationTime time) =>
        kind switch
        {
            ObservationKind.Prompt => batch.View.Prompt(slot, time),
            ObservationKind.Expert => batch.View.Expert(slot, time),
            ObservationKind.Messages => ChatMessages.Read(batch, [slot], new FrameFormat(), time)[0],
            ObservationKind.Info when FactsOf(batch.Results, slot, time) is var facts =>
                SlotInfo.Text(facts.ParseError, facts.Verdict, facts.Distance),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Only texts are read here."),
        };

    /// <summary>Reads one row of a text as UTF-8.</summary>
    public static void ReadText(
        EnvironmentBatch batch, ObservationKind kind, int slot, ObservationTime time, IBufferWriter<byte> target)
    {
        if (kind != ObservationKind.Info)
        {
            Encoding.UTF8.GetBytes(ReadText(batch, kind, slot, time), target);
            return;
        }

        var (parseError, verdict, distance) = FactsOf(batch.Results, slot, time);
        SlotInfo.Write(parseError, verdict, distance, target);
    }

    private static (string? ParseError, string? Verdict, double Distance) FactsOf(
        StepResults results, int slot, ObservationTime time) =>
        BelongsToAnswer(results, slot, time == ObservationTime.Final)
            ? (results.ParseErrors[slot], results.Verdicts[slot], results.Distances[slot])
            : (null, null, double.NaN);

    private static void ReadOutcomeHashes(
        EnvironmentBatch batch, ReadOnlySpan<int> slots, bool isFinal, Span<ulong> target)
    {
        for (var row = 0; row < slots.Length; row++)
        {
            target[row] = BelongsToAnswer(batch.Results, slots[row], isFinal)
                ? batch.Results.OutcomeHashes[slots[row]]
                : 0;
        }
    }

    // In same-step mode the answer was given to the final episode; the new one has none.
    private static bool BelongsToAnswer(StepResults results, int slot, bool isFinal) =>
        isFinal || !results.HasFinal[slot];

    private static void Gather<T>(T[] source, ReadOnlySpan<int> slots, Span<byte> target)
        where T : unmanaged
    {
        var rows = MemoryMarshal.Cast<byte, T>(target);
        for (var row = 0; row < slots.Length; row++)
        {
            rows[row] = source[slots[row]];
        }
    }
}

/// <summary>Which episode of a slot is looked at.</summary>
public enum ObservationTime
{
    /// <summary>The one that the slot is in: what the agent sees now, after the last answer its end.</summary>
    Now,

    /// <summary>The one that the last step finished in same-step mode, at its end.</summary>
    Final,
}

/// <summary>What is shown of an episode that has ended.</summary>
public enum TerminalView
{
    /// <summary>The world once the answer has had its effect and everything rests. Simulated for this alone.</summary>
    Settled,

    /// <summary>The question as it stood when it was answered; nothing is simulated.</summary>
    Question,
}
