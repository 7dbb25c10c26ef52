namespace PhysIntuition.Server.Sessions;

/// <summary>Why sessions ended, for those who come back; a bounded memory, the oldest go first.</summary>
/// <param name="capacity">Ends remembered.</param>
internal sealed class ClosedSessions(int capacity)
{
    private readonly Dictionary<string, Tombstone> _byId = [];
    private readonly Queue<string> _order = [];

    /// <summary>Remembers an end.</summary>
    public void Add(string id, Tombstone tombstone)
    {
        if (capacity == 0)
        {
            return;
        }

        lock (_byId)
        {
            if (_order.Count == capacity)
            {
                _byId.Remove(_order.Dequeue());
            }

            if (_byId.TryAdd(id, tombstone))
            {
                _order.Enqueue(id);
            }
        }
    }

    /// <summary>What is remembered of a session; null: nothing.</summary>
    public Tombstone? Find(string id)
    {
        lock (_byId)
        {
            return _byId.GetValueOrDefault(id);
        }
    }
}

/// <summary>How a session ended.</summary>
/// <param name="Reason">For programs: SESSION_EXPIRED or SESSION_CLOSED.</param>
/// <param name="Message">For people: when and why, and what to do.</param>
internal sealed record Tombstone(string Reason, string Message);
