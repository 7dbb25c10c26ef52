using System.Diagnostics;
using PhysIntuition.Client;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Load;

/// <summary>Clients with durable sessions, who notice nothing but slow calls.</summary>
/// <param name="address">The balancer.</param>
/// <param name="tally">Where they count.</param>
internal sealed class DurablePlayers(Uri address, Tally tally)
{
    private static readonly TimeSpan s_think = TimeSpan.FromMilliseconds(20);

    private readonly Script[] _scripts = [.. Enumerable.Range(0, 8).Select(i => new Script((ulong)(500 * i)))];
    private readonly Lock _lock = new();
    private readonly HashSet<int> _players = [];
    private readonly Dictionary<int, long> _replied = [];   // when a call that began after _mark was answered
    private long _mark;

    /// <summary>Plays games one after another until told to stop.</summary>
    public async Task PlayAsync(int player, CancellationToken end)
    {
        lock (_lock)
        {
            _players.Add(player);
        }

        for (var game = 0; !end.IsCancellationRequested; game++)
        {
            try
            {
                await PlayOnceAsync(player, _scripts[(player + game) % _scripts.Length], end);
                tally.Add("games");
            }
            catch (Exception failure)
            {
                tally.Complain("wrong_ends", $"{failure.GetType().Name}: {failure.Message}");
                await Task.Delay(100, CancellationToken.None);
            }
        }
    }

    /// <summary>Waits until every player has had a reply to a call that it makes from now on.</summary>
    /// <returns>Seconds that each has waited from now.</returns>
    public async Task<double[]> AllGoOnAsync(TimeSpan patience)
    {
        lock (_lock)
        {
            _replied.Clear();
            _mark = Stopwatch.GetTimestamp();
        }

        while (Stopwatch.GetElapsedTime(_mark) < patience)
        {
            lock (_lock)
            {
                if (_players.Count > 0 && _replied.Count == _players.Count)
                {
                    break;
                }
            }

            await Task.Delay(20);
        }

        lock (_lock)
        {
            if (_replied.Count < _players.Count)
            {
                tally.Complain("wrong_ends", $"{_players.Count - _replied.Count} clients did not go on");
            }

            return [.. _replied.Values.Select(at => Stopwatch.GetElapsedTime(_mark, at).TotalSeconds)];
        }
    }

    private async Task PlayOnceAsync(int player, Script script, CancellationToken end)
    {
        await using var client = await PhysIntuitionClient.ConnectAsync(new ClientOptions
        {
            Address = address,
            Durable = true,
            ReconnectFor = TimeSpan.FromMinutes(2),
        });
        await using var environment = await client.CreateAsync(Script.Settings);
        await environment.ResetAsync(script.Seed);
        var waiting = new Queue<(int Step, long Began, Task<StepResult> Reply)>();
        for (var step = 0; step < Script.Steps && !end.IsCancellationRequested; step++)
        {
            var began = Stopwatch.GetTimestamp();
            waiting.Enqueue((step, began, environment.StepAsync(Script.Actions(step)).AsTask()));
            if (waiting.Count == Script.InFlight)
            {
                await CheckAsync(player, script, waiting.Dequeue());
            }

            await Task.Delay(s_think, CancellationToken.None);
        }

        while (waiting.TryDequeue(out var last))
        {
            await CheckAsync(player, script, last);
        }
    }

    private async Task CheckAsync(int player, Script script, (int Step, long Began, Task<StepResult> Reply) call)
    {
        var reply = await call.Reply;
        lock (_lock)
        {
            if (call.Began >= _mark)
            {
                _replied.TryAdd(player, Stopwatch.GetTimestamp());
            }
        }

        tally.Add("steps_checked");
        if (!script.Fits(call.Step, reply.Rewards, reply.Observations["seed"].As<ulong>()))
        {
            tally.Complain("wrong_replies", $"step {call.Step} of the script with seed {script.Seed}");
        }
    }
}
