using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Staging;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Reviews candidates whose class was drawn before: the outcome must be that class, nudged or not.</summary>
internal static class Robustness
{
    /// <summary>First round: the outcome itself. Second round: the same with every block nudged.</summary>
    /// <param name="draft">Its <see cref="Draft.Judged"/> world is the one that decides.</param>
    /// <param name="nudges">How many nudged worlds must agree.</param>
    /// <param name="judged">Index of the first round's trial of that world.</param>
    public static DraftStep Review(Draft draft, int nudges, int judged = 0)
    {
        if (draft.Round > 1)
        {
            for (var i = 0; i < draft.Trials.Count; i++)
            {
                if (Settling.HasAnyFallen(draft.Trials[i].Outcome) != draft.Episode.Facts.IsYes)
                {
                    return draft.Reject("a nudge of 1 mm changes the outcome");
                }
            }

            return DraftStep.Accepted;
        }

        var first = draft.Trials[judged];
        if (Settling.HasAnyFallen(first.Outcome) != draft.Episode.Facts.IsYes)
        {
            return draft.Reject("the outcome is of the other class");
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(first);

        return AskForNudges(draft, first.Settle, nudges);
    }

    private static DraftStep AskForNudges(Draft draft, Simulation.SettleOptions settle, int nudges)
    {
        var random = draft.Fresh(Purpose.Nudge);
        draft.Trials.Clear();
        for (var i = 0; i < nudges; i++)
        {
            var trial = draft.Trials.Settle(draft.Judged, settle);
            Pyramids.NudgeAll(trial.World, ref random);
        }

        return DraftStep.Simulate;
    }
}
