using System.Diagnostics;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>Which players have gone on since something was disturbed.</summary>
/// <param name="tally">Where those are counted who have not.</param>
internal sealed class Progress(Tally tally)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _players = [];
    private readonly Dictionary<string, long> _replied = [];   // when a call that began after _mark was answered
    private long _mark;

    /// <summary>Adds a player, who is waited for from now on.</summary>
    public void Add(string player)
    {
        lock (_lock)
        {
            _players.Add(player);
        }
    }

    /// <summary>Takes a player out, who has ended.</summary>
    public void Remove(string player)
    {
        lock (_lock)
        {
            _players.Remove(player);
        }
    }

    /// <summary>A call was answered.</summary>
    /// <param name="player">Whose.</param>
    /// <param name="began">When it was made, a timestamp.</param>
    public void Replied(string player, long began)
    {
        lock (_lock)
        {
            if (began >= _mark)
            {
                _replied.TryAdd(player, Stopwatch.GetTimestamp());
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
                if (_players.Count > 0 && _players.IsSubsetOf(_replied.Keys))
                {
                    break;
                }
            }

            await Task.Delay(20);
        }

        lock (_lock)
        {
            if (_players.Except(_replied.Keys).ToArray() is { Length: > 0 } missing)
            {
                var complaint = $"{missing.Length} clients did not go on: {string.Join(", ", missing.Take(5))}";
                Console.Error.WriteLine(complaint);   // now, while the cluster can still be looked at
                tally.Complain("wrong_ends", complaint);
            }

            return [.. _replied.Values.Select(at => Stopwatch.GetElapsedTime(_mark, at).TotalSeconds)];
        }
    }
}
