namespace PhysIntuition.Trainer.Rollouts;

/// <summary>The episodes of one scene, which are compared with each other.</summary>
/// <param name="Turns">What was shown and written; rows count within the group.</param>
/// <param name="Returns">What each episode earned.</param>
/// <param name="AreReadable">Whether every answer of an episode could be parsed.</param>
internal sealed record EpisodeGroup(Exchange[] Turns, double[] Returns, bool[] AreReadable)
{
    /// <summary>Whether an earlier policy wrote it.</summary>
    public bool IsPast { get; init; }

    /// <summary>One group for every scene of a rollout.</summary>
    /// <param name="rollout">Played to its end.</param>
    /// <param name="each">Episodes of each scene.</param>
    public static EpisodeGroup[] Of(Rollout rollout, int each) =>
        [.. Enumerable.Range(0, rollout.Returns.Length / each).Select(scene => new EpisodeGroup(
            [.. rollout.Exchanges.Select(turn => Part(turn, scene, each)).Where(turn => turn.Rows.Length > 0)],
            rollout.Returns[(scene * each)..((scene + 1) * each)],
            rollout.AreReadable[(scene * each)..((scene + 1) * each)]))];

    /// <summary>Groups as one batch, turn by turn; rows count through all of them.</summary>
    public static Exchange[] Join(IReadOnlyList<EpisodeGroup> groups, int each) =>
        [.. Enumerable.Range(0, groups.Max(group => group.Turns.Length)).Select(number =>
        {
            (Exchange Turn, int First)[] turns = [.. groups.Select((group, i) => (group, First: i * each))
                .Where(item => item.group.Turns.Length > number)
                .Select(item => (item.group.Turns[number], item.First))];
            return new Exchange(
                [.. turns.SelectMany(item => item.Turn.Prompts)], [.. turns.SelectMany(item => item.Turn.Groups)],
                [.. turns.SelectMany(item => item.Turn.Rows.Select(row => row + item.First))],
                [.. turns.SelectMany(item => item.Turn.Tasks)]);
        })];

    private static Exchange Part(Exchange turn, int scene, int each)
    {
        var perPrompt = turn.Rows.Length / turn.Prompts.Length;
        int[] own = [.. Enumerable.Range(0, turn.Prompts.Length)
            .Where(prompt => turn.Rows[prompt * perPrompt] / each == scene)];
        return new Exchange(
            [.. own.Select(prompt => turn.Prompts[prompt])], [.. own.Select(prompt => turn.Groups[prompt])],
            [.. own.SelectMany(prompt => turn.Rows.Skip(prompt * perPrompt).Take(perPrompt))
                .Select(row => row - (scene * each))],
            [.. own.Select(prompt => turn.Tasks[prompt])]);
    }
}
