using System.Diagnostics;
using Grpc.Core;
using PhysIntuition.Client;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Clients that keep a snapshot, and go on from it at another server when theirs is gone.</summary>
/// <param name="address">The proxy.</param>
/// <param name="tally">Where they count.</param>
/// <param name="isDown">Whether a replica was killed; before that nothing may fail.</param>
internal sealed class IdleClients(Uri address, Tally tally, Func<bool> isDown)
{
    private const int StepsBetweenSnapshots = 6;

    private readonly Script[] _scripts = [.. Enumerable.Range(0, 4).Select(i => new Script((ulong)(77 * i)))];
    private long _longestGap;

    /// <summary>Longest time between two steps of one client, s.</summary>
    public double LongestGap => TimeSpan.FromTicks(Interlocked.Read(ref _longestGap)).TotalSeconds;

    /// <summary>Plays games to their ends until told to stop.</summary>
    public async Task PlayAsync(int client, CancellationToken end)
    {
        for (var game = 0; !end.IsCancellationRequested; game++)
        {
            await PlayGameAsync(_scripts[(client + game) % _scripts.Length]);
            tally.Add("games");
        }
    }

    private async Task PlayGameAsync(Script script)
    {
        var (step, snapshot) = (0, default(ReadOnlyMemory<byte>?));
        while (step < Script.Steps)
        {
            try
            {
                (step, snapshot) = await PlayFromAsync(script, step, snapshot, at => (step, snapshot) = at);
            }
            catch (EnvironmentException refusal) when (isDown() && IsClear(refusal))
            {
                tally.Add(refusal.Code == StatusCode.Unavailable ? "unavailable" : "moved");
            }
            catch (Exception failure)
            {
                tally.Complain("wrong_ends", $"{failure.GetType().Name}: {failure.Message}");
                return;
            }
        }
    }

    private async Task<(int Step, ReadOnlyMemory<byte>? Snapshot)> PlayFromAsync(
        Script script, int step, ReadOnlyMemory<byte>? snapshot, Action<(int, ReadOnlyMemory<byte>?)> remember)
    {
        await using var client = await PhysIntuitionClient.ConnectAsync(new ClientOptions
        {
            Address = address,
            UseSharedMemory = false,
            ReconnectFor = TimeSpan.FromSeconds(20),
            Recover = false,   // it goes on from snapshots of its own, and measures the gap
        });
        await using var environment = await client.CreateAsync(new EnvironmentSettings(Script.Task)
        {
            Slots = Script.Slots,
            Autoreset = V1.AutoresetMode.SameStep,
            Observe = new Observe("seed"),
        });
        _ = snapshot is { } state ? await environment.RestoreAsync(state) : await environment.ResetAsync(script.Seed);
        var last = Stopwatch.GetTimestamp();
        for (; step < Script.Steps; step++)
        {
            if (step % StepsBetweenSnapshots == 0)
            {
                snapshot = (await environment.SnapshotAsync()).ToArray();
                remember((step, snapshot));
            }

            var reply = await environment.StepAsync(Script.Actions(step));
            Check(script, step, reply);
            Note(Stopwatch.GetElapsedTime(last));
            last = Stopwatch.GetTimestamp();
        }

        return (step, snapshot);
    }

    private void Check(Script script, int step, StepResult reply)
    {
        tally.Add("steps_checked");
        if (!script.Fits(step, reply.Rewards, reply.Observations["seed"].As<ulong>()))
        {
            tally.Complain("wrong_replies", $"step {step} of the script with seed {script.Seed}");
        }
    }

    private void Note(TimeSpan gap)
    {
        for (var longest = Interlocked.Read(ref _longestGap); gap.Ticks > longest;)
        {
            var before = Interlocked.CompareExchange(ref _longestGap, gap.Ticks, longest);
            if (before == longest)
            {
                return;
            }

            longest = before;
        }
    }

    // The session was at the replica that died, or nobody answers yet: both say so, and both are retried.
    private static bool IsClear(EnvironmentException refusal) =>
        refusal.Reason == "UNKNOWN_SESSION" || refusal.Code is StatusCode.Unavailable;
}
