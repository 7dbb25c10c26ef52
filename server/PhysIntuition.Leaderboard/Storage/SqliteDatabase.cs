using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>An embedded SQLite file in WAL mode. Every commit reaches the disk before its work completes.</summary>
/// <remarks>
/// Group commit: one thread takes whatever waits, runs each piece of work under a savepoint of its own, and commits
/// them together, so that many callers share one write to the disk. Work that throws undoes only itself.
/// </remarks>
public sealed class SqliteDatabase : ISqlDatabase
{
    private const int LargestGroup = 256;

    private readonly BlockingCollection<IWork> _waiting = [];
    private readonly Thread _writer;
    private readonly SqliteConnection _connection;
    private readonly SqlTransaction _statements;
    private readonly string _path;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="path">Place of the file; its folder is created.</param>
    public SqliteDatabase(string path)
    {
        _path = Path.GetFullPath(path);
        Name = $"SQLite at {_path}";
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        _connection = Open();
        _statements = new SqlTransaction(_connection, keepsPrepared: true);
        Run("PRAGMA journal_mode = WAL");
        Run("PRAGMA synchronous = FULL"); // NORMAL may lose the last commits when the power fails.
        Run("PRAGMA foreign_keys = ON");
        _writer = new Thread(CommitGroups) { IsBackground = true, Name = "leaderboard commits" };
        _writer.Start();
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Groups committed so far.</summary>
    internal int Commits { get; private set; }

    /// <inheritdoc/>
    public Task<T> TransactAsync<T>(Func<SqlTransaction, Task<T>> work, CancellationToken cancel = default)
    {
        var item = new Work<T>(work, cancel);
        try
        {
            _waiting.Add(item, cancel);
        }
        catch (InvalidOperationException closed)
        {
            throw new StorageException($"{Name} is closed.", closed);
        }

        return item.Done;
    }

    /// <summary>Copies the database into a new file while it is in use.</summary>
    /// <param name="path">Must not exist.</param>
    public async Task BackUpAsync(string path)
    {
        if (File.Exists(path))
        {
            throw new IOException($"'{path}' exists already. Choose a new name; a backup never overwrites.");
        }

        await Task.Run(() =>
        {
            using var own = Open(); // Beside the writer, which goes on.
            Run(new SqlTransaction(own), $"VACUUM INTO '{path.Replace("'", "''", StringComparison.Ordinal)}'");
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _waiting.CompleteAdding();
        await Task.Run(_writer.Join).ConfigureAwait(false);
        _waiting.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
    }

    // A pooled connection would keep the file open after Dispose.
    private SqliteConnection Open()
    {
        SystemSqlite.Use();
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = _path,
            Pooling = false,
            DefaultTimeout = 10, // s; another process may write too
        }.ConnectionString);
        try
        {
            connection.Open();
        }
        catch (SqliteException failure)
        {
            connection.Dispose();
            throw new StorageException($"{Name} cannot be opened: {failure.Message}", failure);
        }

        return connection;
    }

    private void CommitGroups()
    {
        var group = new List<IWork>();
        while (_waiting.TryTake(out var first, Timeout.Infinite))
        {
            group.Clear();
            group.Add(first);
            while (group.Count < LargestGroup && _waiting.TryTake(out var next))
            {
                group.Add(next);
            }

            Commit(group);
        }
    }

    private void Commit(List<IWork> group)
    {
        try
        {
            Run("BEGIN IMMEDIATE");
            foreach (var work in group)
            {
                Run("SAVEPOINT work");
                if (!work.TryRun(_statements))
                {
                    Run("ROLLBACK TO work");
                }

                Run("RELEASE work");
            }

            Run("COMMIT");
            Commits++;
        }
        catch (StorageException failure)
        {
            RollBack();
            group.ForEach(work => work.Fail(failure));
            return;
        }

        group.ForEach(work => work.Complete());
    }

    private void RollBack()
    {
        try
        {
            Run("ROLLBACK");
        }
        catch (StorageException)
        {
            // SQLite has rolled back on its own.
        }
    }

    private void Run(string sql) => Run(_statements, sql);

    private void Run(SqlTransaction statements, string sql)
    {
        try
        {
            _ = statements.ExecuteAsync(sql).GetAwaiter().GetResult(); // SQLite completes at once.
        }
        catch (SqliteException failure)
        {
            throw new StorageException($"{Name}: {failure.Message}", failure);
        }
    }

    private interface IWork
    {
        /// <summary>Runs the work; false if it threw, which its caller is told after the commit.</summary>
        bool TryRun(SqlTransaction transaction);

        void Complete();

        void Fail(Exception failure);
    }

    private sealed class Work<T>(Func<SqlTransaction, Task<T>> work, CancellationToken cancel) : IWork
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T _result = default!;
        private Exception? _failure;

        public Task<T> Done => _done.Task;

        public bool TryRun(SqlTransaction transaction)
        {
            try
            {
                cancel.ThrowIfCancellationRequested();
                _result = work(transaction).GetAwaiter().GetResult(); // As in Run.
                return true;
            }
            catch (Exception failure)
            {
                _failure = failure is SqliteException wrong ? new StorageException(wrong.Message, wrong) : failure;
                return false;
            }
        }

        public void Complete()
        {
            if (_failure is null)
            {
                _done.SetResult(_result);
            }
            else
            {
                _done.SetException(_failure);
            }
        }

        public void Fail(Exception failure) => _done.SetException(_failure ?? failure);
    }
}

/// <summary>The system's SQLite behind Microsoft.Data.Sqlite: a package of it has 19 MB, of 20 platforms.</summary>
public static class SystemSqlite
{
    private const string Library = "libsqlite3.so.0";   // the plain name is in Debian's development package alone

    private static readonly Lock s_lock = new();
    private static bool s_isSet;

    /// <summary>Makes it what connections use; needed before the first, harmless after.</summary>
    /// <exception cref="DllNotFoundException">It is not installed.</exception>
    public static void Use()
    {
        lock (s_lock)
        {
            if (s_isSet)
            {
                return;
            }

            if (!NativeLibrary.TryLoad(Library, out var library) && !NativeLibrary.TryLoad("sqlite3", out library))
            {
                throw new DllNotFoundException(
                    $"SQLite ({Library}) is not installed, and the leaderboard and caches are kept in its files. " +
                    "Install it: apt-get install libsqlite3-0.");
            }

            NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_sqlite3).Assembly, (_, _, _) => library);
            raw.SetProvider(new SQLite3Provider_sqlite3());
            s_isSet = true;
        }
    }
}
