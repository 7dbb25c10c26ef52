using Npgsql;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>A PostgreSQL server, for replicas that share one leaderboard.</summary>
/// <param name="connectionString">Npgsql's form: <c>Host=...;Database=...;Username=...;Password=...</c>.</param>
public sealed class PostgresDatabase(string connectionString) : ISqlDatabase
{
    private const int Attempts = 20; // Serialization failures are retried; each loser has seen a winner commit.

    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(connectionString);

    /// <inheritdoc/>
    public string Name { get; } = Describe(connectionString);

    /// <inheritdoc/>
    public async Task<T> TransactAsync<T>(Func<SqlTransaction, Task<T>> work, CancellationToken cancel = default)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await TryAsync(work, cancel).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (IsConflict(exception) && attempt < Attempts)
            {
                await Task.Delay(Random.Shared.Next(5 << Math.Min(attempt, 6)), cancel).ConfigureAwait(false);
            }
            catch (NpgsqlException exception)
            {
                throw new StorageException($"{Name}: {exception.Message}", exception);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private static bool IsConflict(PostgresException exception) =>
        exception.SqlState is PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected;

    private static string Describe(string connectionString)
    {
        var parts = new NpgsqlConnectionStringBuilder(connectionString);
        return $"PostgreSQL database {parts.Database} at {parts.Host}:{parts.Port}";
    }

    private async Task<T> TryAsync<T>(Func<SqlTransaction, Task<T>> work, CancellationToken cancel)
    {
        await using var connection = await _source.OpenConnectionAsync(cancel).ConfigureAwait(false);
        await using var transaction = await connection
            .BeginTransactionAsync(System.Data.IsolationLevel.Serializable, cancel).ConfigureAwait(false);
        var result = await work(new SqlTransaction(connection, transaction)).ConfigureAwait(false);
        await transaction.CommitAsync(cancel).ConfigureAwait(false);
        return result;
    }
}
