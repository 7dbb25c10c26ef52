using System.Diagnostics.CodeAnalysis;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Keeps what was used last, up to a number of bytes.</summary>
/// <param name="maxBytes">Beyond this, what was not used for longest goes.</param>
internal sealed class LimitedCache<TKey, TValue>(long maxBytes)
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value, long Bytes)>> _entries = [];
    private readonly LinkedList<(TKey Key, TValue Value, long Bytes)> _byUse = new();
    private long _bytes;

    /// <summary>Finds an entry and counts it as used.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_lock)
        {
            if (!_entries.TryGetValue(key, out var entry))
            {
                value = default;
                return false;
            }

            _byUse.Remove(entry);
            _byUse.AddFirst(entry);
            value = entry.Value.Value;
            return true;
        }
    }

    /// <summary>Adds an entry, or replaces it.</summary>
    public void Set(TKey key, TValue value, long bytes)
    {
        lock (_lock)
        {
            Remove(key);
            _entries[key] = _byUse.AddFirst((key, value, bytes));
            _bytes += bytes;
            while (_bytes > maxBytes && _byUse.Last is { } oldest)
            {
                Remove(oldest.Value.Key);
            }
        }
    }

    private void Remove(TKey key)
    {
        if (_entries.Remove(key, out var entry))
        {
            _byUse.Remove(entry);
            _bytes -= entry.Value.Bytes;
        }
    }
}
