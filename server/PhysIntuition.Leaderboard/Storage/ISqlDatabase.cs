namespace PhysIntuition.Leaderboard.Storage;

/// <summary>What the store needs of a database. Statements are the common subset of SQLite and PostgreSQL.</summary>
public interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>For messages: the kind and the place, without a password.</summary>
    string Name { get; }

    /// <summary>Runs work in one transaction; it is durable when the task completes, or undone if it throws.</summary>
    Task<T> TransactAsync<T>(Func<SqlTransaction, Task<T>> work, CancellationToken cancel = default);
}

/// <summary>The database refused or is gone; the message names it and what it said.</summary>
public sealed class StorageException(string message, Exception? inner = null) : Exception(message, inner);
