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

    /// <summary>Asks for the outcomes of both members of a minimal pair, each as it is and nudged.</summary>
    /// <param name="draft">Whose outcomes; copies are simulated.</param>
    /// <param name="standing">The member in which nothing falls.</param>
    /// <param name="falling">The other.</param>
    /// <param name="settle">When to stop.</param>
    /// <param name="nudges">Nudged worlds of each member.</param>
    /// <param name="nudge">How a world is nudged, and whether it is the falling one's; null moves every block at
    /// random.</param>
    public static void AskForPair(
        SceneBuilder draft, World standing, World falling, SettleOptions settle, int nudges,
        Action<World, bool>? nudge = null)
    {
        var random = draft.Fresh(SeedUse.Nudge);
        for (var i = 0; i < 2 * (nudges + 1); i++)
        {
            var isFalling = i > nudges;
            var world = draft.Counterfactuals.Settle(isFalling ? falling : standing, settle).World;
            if (i % (nudges + 1) != 0 && nudge is not null)
            {
                nudge(world, isFalling);
            }
            else if (i % (nudges + 1) != 0)
            {
                Pyramids.NudgeAll(world, ref random);
            }
        }
    }

    /// <summary>Reviews both members of a pair, so that both are accepted or neither.</summary>
    /// <param name="draft">Its state says which one it shows.</param>
    /// <param name="worlds">So many, the first ones, were asked for by <see cref="AskForPair"/>.</param>
    public static BuildStep ReviewPair(SceneBuilder draft, int worlds)
    {
        var half = worlds / 2;
        for (var i = 0; i < worlds; i++)
        {
            if (Settling.HasAnyFallen(draft.Counterfactuals[i].Outcome) != i >= half)
            {
                return draft.Reject(i % half == 0 ? OtherClass : "a nudge of 1 mm changes the outcome");
            }
        }

        draft.Episode.OutcomeHash = SceneHash.OfOutcome(draft.Counterfactuals[draft.Episode.State.IsYes ? half : 0]);

        return BuildStep.Accepted;
    }

    /// <summary>Whether the seed's own member of a pair is the one for which yes is right.</summary>
    /// <param name="isYes">Drawn for both.</param>
    /// <param name="seed">The caller's.</param>
    public static bool IsYesOf(bool isYes, ulong seed) => isYes ^ ((seed & 1) != 0);

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
