namespace PhysIntuition.Environments.Episodes;

/// <summary>Leads a draft from candidate to candidate.</summary>
internal static class Drafting
{
    /// <summary>Goes on until the draft is accepted or needs a simulation.</summary>
    /// <exception cref="PhysIntuitionException">No candidate fits the options.</exception>
    public static BuildStep Continue(ITask task, SceneBuilder draft, BuildStep step)
    {
        while (step == BuildStep.Rejected)
        {
            if (draft.IsSpent)
            {
                throw new PhysIntuitionException(Fault.InvalidArgument, "options",
                    $"'options' leave no scene for {task.Spec.Id}, seed {draft.Episode.Seed}: "
                    + $"{draft.Candidate + 1} candidates were rejected, the last because: {draft.Reason}. "
                    + "Widen the options' ranges.");
            }

            draft.NextCandidate();
            step = task.Arrange(draft);
        }

        if (step == BuildStep.Simulate)
        {
            draft.BeginRound();
        }
        else
        {
            draft.Episode.SceneHash = SceneHash.Of(draft.Episode);
        }

        return step;
    }
}
