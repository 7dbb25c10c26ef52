namespace PhysIntuition.Environments.Tasks;

/// <summary>Scores answers to yes/no questions.</summary>
internal static class YesNo
{
    /// <summary>Pays 1 for right; 0 or -1 for wrong; -1 for unreadable.</summary>
    /// <param name="turn">Whose episode knows the right answer.</param>
    /// <param name="reward">How wrong is paid.</param>
    /// <param name="yes">A constant: what is so when yes is right.</param>
    /// <param name="no">A constant: what is so when no is right.</param>
    public static Verdict Judge(StepContext turn, YesNoReward reward, string yes, string no)
    {
        if (!turn.Answer.IsLegal)
        {
            return new(-1, IsOver: true, "Unreadable.");
        }

        var isYes = turn.Episode.State.IsYes;
        var isRight = turn.Answer.IsYes == isYes;
        var wrong = reward == YesNoReward.Signed ? -1 : 0;

        return new(isRight ? 1 : wrong, IsOver: true, Words.Of(isRight, isYes ? yes : no));
    }

    // Sentences are made once each: verdicts are given by the thousand.
    private static class Words
    {
        private static readonly System.Collections.Concurrent.ConcurrentDictionary<(bool, string), string> s_words =
            new();

        public static string Of(bool isRight, string fact) => s_words.GetOrAdd((isRight, fact),
            static key => $"{(key.Item1 ? "Right" : "Wrong")}: {key.Item2}.");
    }
}
