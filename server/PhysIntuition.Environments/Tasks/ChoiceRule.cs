namespace PhysIntuition.Environments.Tasks;

/// <summary>Scores answers that choose among numbered blocks, pictures, arrows or orders.</summary>
internal static class ChoiceRule
{
    /// <summary>Pays 1 for right; 0 or -1 for wrong; -1 for unreadable.</summary>
    /// <param name="turn">Whose episode knows the right choice.</param>
    /// <param name="reward">How wrong is paid.</param>
    public static Verdict Judge(StepContext turn, YesNoReward reward)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-1, IsOver: true, "Unreadable.");
        }

        return turn.Answer[0] == turn.Episode.State.Expert[0]
            ? new(1, IsOver: true, "Right.")
            : new(reward == YesNoReward.Signed ? -1 : 0, IsOver: true, "Wrong.");
    }
}
