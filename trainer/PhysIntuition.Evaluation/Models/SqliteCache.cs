using Microsoft.Data.Sqlite;
using Microsoft.Extensions.AI;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Evaluation.Models;

/// <summary>Keeps answers in a SQLite file, by model, address, messages, pictures and settings.</summary>
/// <remarks>Only what would be answered the same again (temperature 0) is kept unless asked otherwise, and never an
/// empty or cut answer.</remarks>
public sealed class SqliteCache : CachingChatClient
{
    private readonly SqliteConnection _connection;
    private readonly Lock _gate = new();
    private readonly string _model;
    private readonly bool _keepsDraws;

    /// <summary>Opens or makes the file.</summary>
    /// <param name="inner">Who is asked.</param>
    /// <param name="file">The cache's path.</param>
    /// <param name="model">Provider, address and name: equal prompts to two models are two entries.</param>
    /// <param name="keepsDraws">Keeps answers drawn at a temperature, too.</param>
    public SqliteCache(IChatClient inner, string file, string model, bool keepsDraws)
        : base(inner)
    {
        (_model, _keepsDraws) = (model, keepsDraws);
        SystemSqlite.Use();
        _connection = new SqliteConnection($"Data Source={file};Pooling=False");
        _connection.Open();
        Run("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 10000; "
            + "CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, response TEXT NOT NULL) WITHOUT ROWID;");
    }

    /// <inheritdoc/>
    protected override bool EnableCaching(IEnumerable<ChatMessage> messages, ChatOptions? options) =>
        _keepsDraws || options?.Temperature == 0;

    /// <inheritdoc/>
    protected override string GetCacheKey(
        IEnumerable<ChatMessage> messages, ChatOptions? options, params ReadOnlySpan<object?> additionalValues) =>
        AIJsonUtilities.HashDataToString([_model, messages, options, .. additionalValues]);

    /// <inheritdoc/>
    protected override Task<ChatResponse?> ReadCacheAsync(string key, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            using var command = _connection.CreateCommand();
            command.CommandText = "SELECT response FROM answers WHERE key = $key";
            command.Parameters.AddWithValue("$key", key);
            return Task.FromResult(command.ExecuteScalar() is string text
                ? JsonSerializer.Deserialize<ChatResponse>(text, AIJsonUtilities.DefaultOptions)
                : null);
        }
    }

    /// <inheritdoc/>
    protected override Task WriteCacheAsync(string key, ChatResponse value, CancellationToken cancellationToken)
    {
        if (value.Text.Length > 0 && value.FinishReason != ChatFinishReason.Length)
        {
            lock (_gate)
            {
                using var command = _connection.CreateCommand();
                command.CommandText = "INSERT OR REPLACE INTO answers VALUES ($key, $response)";
                command.Parameters.AddWithValue("$key", key);
                command.Parameters.AddWithValue(
                    "$response", JsonSerializer.Serialize(value, AIJsonUtilities.DefaultOptions));
                command.ExecuteNonQuery();
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    protected override Task<IReadOnlyList<ChatResponseUpdate>?> ReadCacheStreamingAsync(
        string key, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ChatResponseUpdate>?>(null);

    /// <inheritdoc/>
    protected override Task WriteCacheStreamingAsync(
        string key, IReadOnlyList<ChatResponseUpdate> value, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _connection.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Run(string sql)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
