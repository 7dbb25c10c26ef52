using Orleans;
using Orleans.Runtime;
using Orleans.Storage;
using PhysIntuition.Faults;

namespace PhysIntuition.Server.Cluster;

/// <summary>A name in the store, and the version that this activation knows of it.</summary>
/// <param name="name">Within the session.</param>
/// <typeparam name="T">The content.</typeparam>
internal sealed class StoredRecord<T>(string name)
{
    /// <summary>Within the session.</summary>
    public string Name => name;

    /// <summary>The version; its content is dropped once it is written.</summary>
    public GrainState<Stored<T>> State { get; set; } = new();
}

/// <summary>The records of one session.</summary>
/// <remarks>
/// Each write names the version that it replaces. Of two activations of a session, as there may be for a moment after a
/// server was cut off, only one can therefore go on: the other's next write fails, and what it did was never answered.
/// What is answered without a write is looked up first. Nothing here waits for a turn of the session.
/// </remarks>
/// <param name="storage">Where they lie.</param>
/// <param name="session">Whose they are.</param>
/// <param name="patience">How long a store that does not answer is tried again.</param>
/// <param name="time">The clock.</param>
internal sealed class RecordStore(IGrainStorage storage, GrainId session, TimeSpan patience, TimeProvider time)
{
    // Longer than clients of stores wait for an answer; should one lose a request, the session must not wait for ever.
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(10);

    private readonly Retry _retry = new(patience, TimeSpan.FromMilliseconds(500), time);

    /// <summary>Reads a record.</summary>
    /// <returns>The content; null: there is none.</returns>
    public async Task<T?> ReadAsync<T>(StoredRecord<T> record)
        where T : class
    {
        var state = new GrainState<Stored<T>>();
        await TryAsync(() => storage.ReadStateAsync(record.Name, session, state)).ConfigureAwait(false);
        record.State = new GrainState<Stored<T>> { ETag = state.ETag, RecordExists = state.RecordExists };
        return state.RecordExists ? state.State?.Content : null;
    }

    /// <summary>Whether a record is still as this activation last read or wrote it.</summary>
    public async Task<bool> IsNewestAsync<T>(StoredRecord<T> record)
        where T : class
    {
        var found = new GrainState<Stored<T>>();
        await TryAsync(() => storage.ReadStateAsync(record.Name, session, found)).ConfigureAwait(false);
        return (found.ETag ?? "") == (record.State.ETag ?? "");
    }

    /// <summary>Replaces a record.</summary>
    /// <exception cref="InconsistentStateException">Another activation has replaced it.</exception>
    public async Task WriteAsync<T>(StoredRecord<T> record, T content)
        where T : class
    {
        var write = Guid.NewGuid();
        record.State.State = new Stored<T> { Write = write, Content = content };
        try
        {
            await storage.WriteStateAsync(record.Name, session, record.State).WaitAsync(s_longest, time)
                .ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not InconsistentStateException)
        {
            await TryAsync(() => WriteAgainAsync(record, write)).ConfigureAwait(false);
        }
        finally
        {
            record.State.State = null!;
        }
    }

    /// <summary>Removes a record.</summary>
    public Task ClearAsync<T>(StoredRecord<T> record)
        where T : class
    {
        record.State.State = new Stored<T>();
        return TryAsync(() => storage.ClearStateAsync(record.Name, session, record.State));
    }

    // The reply to a write may be lost although the write was done; then its version is ours.
    private async Task WriteAgainAsync<T>(StoredRecord<T> record, Guid write)
        where T : class
    {
        var found = new GrainState<Stored<T>>();
        await storage.ReadStateAsync(record.Name, session, found).ConfigureAwait(false);
        if (found.RecordExists && found.State?.Write == write)
        {
            (record.State.ETag, record.State.RecordExists) = (found.ETag, true);
        }
        else
        {
            await storage.WriteStateAsync(record.Name, session, record.State).ConfigureAwait(false);
        }
    }

    private Task TryAsync(Func<Task> access) => _retry.RunAsync(
        async () =>
        {
            await access().WaitAsync(s_longest, time).ConfigureAwait(false);
            return true;
        },
        failure => failure is not InconsistentStateException, GiveUp);

    private PhysIntuitionException GiveUp(Exception failure) => new(Fault.Unavailable, "",
        $"The cluster's store has not answered for {_retry.Patience.TotalSeconds:0} s " +
        $"({failure.GetBaseException().Message.Split('\n')[0]}). Nothing was acknowledged; repeat the call.")
    {
        Reason = "STORE_UNREACHABLE",
        RetryAfter = _retry.LongestPause,
    };
}
