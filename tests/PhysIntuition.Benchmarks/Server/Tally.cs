using System.Collections.Concurrent;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>What happened under load, counted from many threads.</summary>
internal sealed class Tally
{
    private const int Kept = 30, Longest = 2000;

    private readonly ConcurrentDictionary<string, long> _counts = new();
    private readonly ConcurrentQueue<string> _complaints = new();

    /// <summary>The first things that must not happen, in words.</summary>
    public IEnumerable<string> Complaints => _complaints.Take(Kept);

    /// <summary>How often something happened.</summary>
    public long this[string what] => _counts.GetValueOrDefault(what);

    /// <summary>Counts.</summary>
    public void Add(string what, long count = 1) => _counts.AddOrUpdate(what, count, (_, before) => before + count);

    /// <summary>Counts something that must not happen, and keeps it in words.</summary>
    public void Complain(string what, string words)
    {
        Add(what);
        if (_complaints.Count < Kept)
        {
            var text = $"{DateTime.UtcNow:HH:mm:ss.f} {what}: {words}";
            _complaints.Enqueue(text.Length <= Longest ? text : text[..Longest] + " ...");
        }
    }
}
