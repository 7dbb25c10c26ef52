using SQLitePCL;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>An embedded SQLite file in WAL mode. One writer at a time; every commit reaches the disk.</summary>
public sealed class SqliteDatabase : ISqlDatabase
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly sqlite3 _handle;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">Place of the file; its folder is created.</param>
    public SqliteDatabase(string path)
    {
        Batteries_V2.Init();
        Name = $"SQLite at {Path.GetFullPath(path)}";
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        Check(raw.sqlite3_open(path, out _handle));
        Check(raw.sqlite3_busy_timeout(_handle, 10_000));
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL"); // NORMAL may lose the last commits when the power fails.
        Run("PRAGMA foreign_keys = ON");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public async Task<T> TransactAsync<T>(Func<ISqlTransaction, Task<T>> work, CancellationToken cancel = default)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            Run("BEGIN IMMEDIATE");
            try
            {
                var result = await work(new SqliteTransaction(this, _handle)).ConfigureAwait(false);
                Run("COMMIT");
                return result;
            }
            catch
            {
                raw.sqlite3_exec(_handle, "ROLLBACK");
                throw;
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Copies the database into a new file while it is in use.</summary>
    /// <param name="path">Must not exist.</param>
    public async Task BackUpAsync(string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"'{path}' exists already. Choose a new name; a backup never overwrites.");
        }

        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            Run($"VACUUM INTO '{path.Replace("'", "''", StringComparison.Ordinal)}'");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _handle.Dispose();
        _gate.Dispose();
        return ValueTask.CompletedTask;
    }

    internal void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new StorageException($"{Name}: {raw.sqlite3_errmsg(_handle).utf8_to_string()} (code {code}).");
        }
    }

    private void Run(string sql) => Check(raw.sqlite3_exec(_handle, sql));
}
