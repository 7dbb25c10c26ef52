using PhysIntuition.Client;
using PhysIntuition.Play.Agents;

namespace PhysIntuition.Play.Demo;

/// <summary>Plays batches of episodes through the C# client.</summary>
internal static class CSharpPlayer
{
    /// <summary>Seeds 0 to <paramref name="episodes"/> - 1 of one task by one agent.</summary>
    public static async Task<AgentResult> PlayAsync(
        IEnvironmentClient client, string task, IAgent agent, int episodes)
    {
        await using var environment = await client.CreateAsync(new EnvironmentSettings(task)
        {
            Slots = episodes,
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = agent.Needs is null ? null : new Observe(agent.Needs),
        });
        var start = await environment.ResetAsync(new ResetSettings { Seed = 0 });
        var answers = agent.Act(environment.Task, episodes, start.Observations);
        var hashes = new StepSettings { Observe = new Observe("scene_hash", "outcome_hash") };
        var step = await environment.StepAsync(answers, hashes);
        return new AgentResult(
            "C#", task, agent.Name, [.. step.Rewards.ToArray().Select(reward => (double)reward)],
            Hex(step.Observations["scene_hash"]), Hex(step.Observations["outcome_hash"]));
    }

    private static string[] Hex(Observation hashes) =>
        [.. hashes.As<ulong>().ToArray().Select(hash => hash.ToString("x16"))];
}
