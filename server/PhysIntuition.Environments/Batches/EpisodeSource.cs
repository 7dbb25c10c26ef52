using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Batches;

/// <summary>Leads slots to their next episodes: one candidate scene after another until the task accepts one.</summary>
internal sealed class EpisodeSource(ITask task, Split split)
{
    private readonly Stack<Draft> _free = [];

    /// <summary>Counts candidates when set.</summary>
    public DraftReport? Report { get; set; }

    /// <summary>Begins the scene of a seed.</summary>
    /// <returns>Whether the slot has its episode; else the trials of its draft are to be simulated.</returns>
    /// <exception cref="PhysIntuitionException">The options leave no scene.</exception>
    public bool Begin(Slot slot, ulong seed)
    {
        var draft = _free.TryPop(out var free) ? free : new Draft();
        slot.Draft = draft;
        draft.Report = Report;
        draft.Begin(task.Spec.Id, slot.Options, split, seed);

        return GoOn(slot, draft, task.Arrange(draft));
    }

    /// <summary>Goes on once the draft's trials are simulated.</summary>
    /// <inheritdoc cref="Begin"/>
    public bool Continue(Slot slot) => GoOn(slot, slot.Draft!, task.Review(slot.Draft!));

    /// <summary>Gives up the scene that a slot waits for, if it does.</summary>
    public void Abandon(Slot slot)
    {
        if (slot.Draft is { } draft)
        {
            slot.Draft = null;
            _free.Push(draft);
        }
    }

    private bool GoOn(Slot slot, Draft draft, DraftStep step)
    {
        if (Drafting.Continue(task, draft, step) == DraftStep.Simulate)
        {
            return false;
        }

        Report?.CountAccepted();
        (slot.Episode, draft.Episode) = (draft.Episode, slot.Episode);
        (slot.IsOpen, slot.IsDone) = (true, false);
        Abandon(slot);

        return true;
    }
}
