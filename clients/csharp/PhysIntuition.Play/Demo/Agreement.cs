namespace PhysIntuition.Play.Demo;

/// <summary>Whether two clients saw the same world: the promise that the whole product rests on.</summary>
internal static class Agreement
{
    /// <summary>One sentence; throws if anything differs.</summary>
    public static string Check(IReadOnlyList<AgentResult> results)
    {
        var episodes = 0;
        foreach (var pair in results.GroupBy(result => (result.Task, result.Agent)))
        {
            var scenes = pair.Select(result => string.Join(',', result.SceneHashes)).Distinct().Count();
            if (scenes != 1)
            {
                throw new PlayException($"{pair.Key.Task}: the clients met different scenes for the same seeds.");
            }

            // Random agents of two languages answer differently; the others must agree to the last bit.
            var outcomes = pair.Select(result => string.Join(',', result.OutcomeHashes)).Distinct().Count();
            var rewards = pair.Select(result => string.Join(',', result.Rewards)).Distinct().Count();
            if (pair.Key.Agent != "random" && (outcomes != 1 || rewards != 1))
            {
                throw new PlayException($"{pair.Key.Task}, {pair.Key.Agent}: the clients got different outcomes.");
            }

            episodes += pair.First().SceneHashes.Count;
        }

        return $"Both clients played the same {episodes} episodes: equal scenes and outcomes, hash by hash.";
    }
}
