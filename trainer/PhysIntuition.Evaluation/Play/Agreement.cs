using System.Diagnostics;

namespace PhysIntuition.Evaluation.Play;

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

    private static string[] Hex(Client.Observation hashes) =>
        [.. hashes.As<ulong>().ToArray().Select(hash => hash.ToString("x16"))];
}

/// <summary>Lets the Python client play the same episodes.</summary>
internal static class PythonPlayer
{
    /// <summary>Runs the client's example and reads its results.</summary>
    /// <param name="address">The server.</param>
    /// <param name="episodes">For each task and agent.</param>
    /// <param name="progress">Called after each task and agent.</param>
    /// <param name="cancellation">Ends the client, too.</param>
    public static async Task<IReadOnlyList<AgentResult>> PlayAsync(
        Uri address, int episodes, Action progress, CancellationToken cancellation)
    {
        var results = Path.GetTempFileName();
        try
        {
            var script = Path.Combine(Checkout.Root, "clients", "python", "examples", "demo.py");
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3",
                [script, "--address", address.Authority, "--episodes", $"{episodes}", "--json", results])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var stop = cancellation.Register(() => python.Kill(entireProcessTree: true));
            var errors = python.StandardError.ReadToEndAsync();
            while (await python.StandardOutput.ReadLineAsync() is not null)
            {
                progress();
            }

            await python.WaitForExitAsync();
            cancellation.ThrowIfCancellationRequested();
            return python.ExitCode == 0
                ? AgentResult.Parse(await File.ReadAllTextAsync(results))
                : throw new PlayException($"The Python client failed:\n{await errors}");
        }
        finally
        {
            File.Delete(results);
        }
    }
}
