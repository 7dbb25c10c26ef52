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
    /// <param name="draft">Its <see cref="SceneBuilder.Judged"/> world is the one that decides, alone in round
    /// one.</param>
    /// <param name="nudges">How many nudged worlds must agree; they come first in round two. 0 needs no second
    /// round.</param>
    /// <param name="nudge">How a world is nudged; null moves every block at random.</param>
    public static BuildStep Review(SceneBuilder draft, int nudges, Action<SceneBuilder, World>? nudge = null)
    {
        if (draft.Round > 1)
        {
            for (var i = 0; i < nudges; i++)
            {
                if (Settling.HasAnyFallen(draft.Counterfactuals[i].Outcome) != draft.Episode.State.IsYes)
                {
                    return draft.Reject("a nudge of 1 mm changes the outcome");
                }
            }

            return BuildStep.Accepted;
        }

        var first = draft.Counterfactuals[0];
        if (Settling.HasAnyFallen(first.Outcome) != draft.Episode.State.IsYes)
        {
            return draft.Reject(OtherClass);
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(first);

        return AskForNudges(draft, first.Settle, nudges, nudge);
    }

    private static BuildStep AskForNudges(
        SceneBuilder draft, SettleOptions settle, int nudges, Action<SceneBuilder, World>? nudge)
    {
        var random = draft.Fresh(SeedUse.Nudge);
        draft.Counterfactuals.Clear();
        for (var i = 0; i < nudges; i++)
        {
            var world = draft.Counterfactuals.Settle(draft.Judged, settle).World;
            if (nudge is null)
            {
                Pyramids.NudgeAll(world, ref random);
            }
            else
            {
                nudge(draft, world);
            }
        }

        return nudges > 0 ? BuildStep.Simulate : BuildStep.Accepted;
    }
}
