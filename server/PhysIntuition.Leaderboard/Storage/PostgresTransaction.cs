using Npgsql;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>Statements of one transaction of a <see cref="PostgresDatabase"/>.</summary>
internal sealed class PostgresTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : ISqlTransaction
{
    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = Prepare(sql, parameters);
        return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<ISqlRow, T> read, params (string Name, object? Value)[] parameters)
    {
        await using var command = Prepare(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var rows = new List<T>();
        var row = new Row(reader);
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            rows.Add(read(row));
        }

        return rows;
    }

    private NpgsqlCommand Prepare(string sql, (string Name, object? Value)[] parameters)
    {
        var command = new NpgsqlCommand(sql, connection, transaction);
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private sealed class Row(NpgsqlDataReader reader) : ISqlRow
    {
        public string Text(int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

        public long Integer(int column) => reader.IsDBNull(column) ? 0 : Convert.ToInt64(reader.GetValue(column));

        public double Real(int column) => reader.IsDBNull(column) ? 0 : Convert.ToDouble(reader.GetValue(column));

        public bool IsNull(int column) => reader.IsDBNull(column);
    }
}
