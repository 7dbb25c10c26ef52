using System.Diagnostics;
using Grpc.Core;
using PhysIntuition.Client;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Clients with durable sessions, who notice nothing but slow calls.</summary>
/// <param name="address">The balancer.</param>
/// <param name="think">Before each step.</param>
/// <param name="tally">Where they count.</param>
/// <param name="progress">Told of every reply.</param>
/// <param name="mayLose">Whether sessions may have been lost with their store.</param>
internal sealed class DurablePlayers(
    Uri address, TimeSpan think, Tally tally, Progress progress, Func<bool> mayLose)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(2);

    private readonly Script[] _scripts = [.. Enumerable.Range(0, 8).Select(i => new Script((ulong)(500 * i)))];

    /// <summary>Plays games one after another until told to stop.</summary>
    public async Task PlayAsync(int player, CancellationToken end)
    {
        var name = $"csharp {player}";
        progress.Add(name);
        for (var game = 0; !end.IsCancellationRequested; game++)
        {
            try
            {
                await using var client = await OpenAsync();
                await PlayOnceAsync(client, name, _scripts[(player + game) % _scripts.Length], end);
                tally.Add("games");
            }
            catch (EnvironmentException) when (mayLose())
            {
                tally.Add("sessions_told_lost");
            }
            catch (Exception failure)
            {
                var code = (failure as EnvironmentException)?.Code;
                tally.Complain("wrong_ends", $"{failure.GetType().Name} {code}: {failure.Message}");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    // A client that has not reached a server yet is told at once that there is none.
    private async Task<PhysIntuitionClient> OpenAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await PhysIntuitionClient.ConnectAsync(new ClientOptions
                {
                    Address = address,
                    Durable = true,
                    ReconnectFor = s_patience,
                });
            }
            catch (EnvironmentException away) when (
                away.Code == StatusCode.Unavailable && Stopwatch.GetElapsedTime(start) < s_patience)
            {
                tally.Add("openings_told_unavailable");
                await Task.Delay(away.RetryAfter ?? s_pause);
            }
        }
    }

    private async Task PlayOnceAsync(PhysIntuitionClient client, string player, Script script, CancellationToken end)
    {
        await using var environment = await client.CreateAsync(Script.Settings);
        await environment.ResetAsync(script.Seed);
        var waiting = new Queue<(int Step, Task<StepResult> Reply)>();
        for (var step = 0; step < Script.Steps && !end.IsCancellationRequested; step++)
        {
            waiting.Enqueue((step, StepAsync(environment, player, step)));
            if (waiting.Count == Script.InFlight)
            {
                await CheckAsync(script, player, waiting.Dequeue());
            }

            await Task.Delay(think, CancellationToken.None);
        }

        while (waiting.TryDequeue(out var last))
        {
            await CheckAsync(script, player, last);
        }
    }

    private async Task<StepResult> StepAsync(IEnvironment environment, string player, int step)
    {
        var began = Stopwatch.GetTimestamp();
        var reply = await environment.StepAsync(Script.Actions(step));
        progress.Replied(player, began);
        return reply;
    }

    private async Task CheckAsync(Script script, string player, (int Step, Task<StepResult> Reply) call)
    {
        var reply = await call.Reply;
        tally.Add("replies_checked");
        var seeds = reply.Observations["seed"].As<ulong>();
        if (!script.Fits(call.Step, reply.Rewards, seeds))
        {
            tally.Complain("wrong_replies", $"{player}, step {call.Step} of the script with seed {script.Seed}: " +
                script.Compare(call.Step, reply.Rewards, seeds));
        }
    }
}
