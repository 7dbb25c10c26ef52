using Orleans.Storage;

namespace PhysIntuition.Server.Cluster;

/// <summary>A snapshot and the records since, in a ring of names that are written again and again.</summary>
/// <remarks>
/// Names are never removed while the session lives: a record is written over the one that lay there a round before,
/// whose version only an activation knows that has read or written it. So one that was overtaken cannot write.
/// </remarks>
/// <param name="store">Of the session.</param>
/// <param name="index">Of the session's journals.</param>
internal sealed class Journal(RecordStore store, int index)
{
    /// <summary>Records that fit; the snapshot must stand for all but this many.</summary>
    public const int Capacity = 128;

    private readonly StoredRecord<SnapshotRecord> _snapshot = new($"{index}/snapshot");
    private readonly StoredRecord<JournalRecord>[] _ring =
        [.. Enumerable.Range(0, Capacity).Select(place => new StoredRecord<JournalRecord>($"{index}/{place}"))];

    /// <summary>Of the session's journals.</summary>
    public int Index => index;

    /// <summary>Reads what another activation left.</summary>
    /// <param name="environment">Whose journal it is; 0: nobody's, and only the versions are wanted.</param>
    /// <returns>The snapshot, if there is one, and the records behind it in order.</returns>
    /// <exception cref="InvalidDataException">A record is missing.</exception>
    public async Task<(SnapshotRecord? Snapshot, List<JournalRecord> Records)> ReadAsync(uint environment)
    {
        var reading = store.ReadAsync(_snapshot);
        var all = await Task.WhenAll(_ring.Select(store.ReadAsync));
        var snapshot = await reading;
        snapshot = snapshot?.Environment == environment ? snapshot : null;
        var records = all.OfType<JournalRecord>()
            .Where(record => environment != 0 && record.Environment == environment
                && record.Number > (snapshot?.Number ?? 0))
            .OrderBy(record => record.Number).ToList();
        for (var i = 0; i < records.Count; i++)
        {
            var due = (snapshot?.Number ?? 0) + i + 1;
            if (records[i].Number != due)
            {
                throw new InvalidDataException($"Record {due} of environment {environment} is missing in the store, " +
                    $"where {records[i].Number} is.");
            }
        }

        return (snapshot, records);
    }

    /// <summary>Reads the version of a snapshot that was stored for a fork of which the session was not told any more.
    /// </summary>
    public Task ReadAbandonedAsync() => store.ReadAsync(_snapshot);

    /// <summary>Whether nobody has added a record behind the one of this number.</summary>
    public Task<bool> IsNewestAsync(long number) => store.IsNewestAsync(_ring[(number + 1) % Capacity]);

    /// <summary>Adds a record.</summary>
    /// <exception cref="InconsistentStateException">Another activation has gone on.</exception>
    public Task AddAsync(JournalRecord record) => store.WriteAsync(_ring[record.Number % Capacity], record);

    /// <summary>Replaces the snapshot.</summary>
    /// <exception cref="InconsistentStateException">Another activation has gone on.</exception>
    public Task WriteAsync(SnapshotRecord snapshot) => store.WriteAsync(_snapshot, snapshot);

    /// <summary>Removes all.</summary>
    public Task ClearAsync() => Task.WhenAll(
        _ring.Where(record => record.State.RecordExists).Select(store.ClearAsync)
            .Concat(_snapshot.State.RecordExists ? [store.ClearAsync(_snapshot)] : []));
}
