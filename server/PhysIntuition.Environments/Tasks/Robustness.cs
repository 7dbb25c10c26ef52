using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Staging;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Reviews candidates whose class was drawn before: the outcome must be that class, nudged or not.</summary>
internal static class Robustness
{
    /// <summary>Why a candidate is given up whose outcome is known.</summary>
    public const string OtherClass = "the outcome is of the other class";

    /// <summary>First round: the outcome itself. Second round: the same with every block nudged.</summary>
    /// <param name="draft">Its <see cref="Draft.Judged"/> world is the one that decides, alone in round one.</param>
    /// <param name="nudges">How many nudged worlds must agree; they come first in round two. 0 needs no second
    /// round.</param>
    /// <param name="nudge">How a world is nudged; null moves every block at random.</param>
    public static DraftStep Review(Draft draft, int nudges, Action<Draft, World>? nudge = null)
    {
        if (draft.Round > 1)
        {
            for (var i = 0; i < nudges; i++)
            {
                if (Settling.HasAnyFallen(draft.Trials[i].Outcome) != draft.Episode.Facts.IsYes)
                {
                    return draft.Reject("a nudge of 1 mm changes the outcome");
                }
            }

            return DraftStep.Accepted;
        }

        var first = draft.Trials[0];
        if (Settling.HasAnyFallen(first.Outcome) != draft.Episode.Facts.IsYes)
        {
            return draft.Reject(OtherClass);
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(first);

        return AskForNudges(draft, first.Settle, nudges, nudge);
    }

    private static DraftStep AskForNudges(
        Draft draft, SettleOptions settle, int nudges, Action<Draft, World>? nudge)
    {
        var random = draft.Fresh(Purpose.Nudge);
        draft.Trials.Clear();
        for (var i = 0; i < nudges; i++)
        {
            var world = draft.Trials.Settle(draft.Judged, settle).World;
            if (nudge is null)
            {
                Pyramids.NudgeAll(world, ref random);
            }
            else
            {
                nudge(draft, world);
            }
        }

        return nudges > 0 ? DraftStep.Simulate : DraftStep.Accepted;
    }
}
