using System.Data.Common;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>Statements of one transaction on any ADO.NET connection.</summary>
/// <param name="connection">Where they run.</param>
/// <param name="transaction">Null: begun and ended by statements.</param>
/// <param name="prepared">Keeps commands by their text, where one thread has the connection to itself.</param>
internal sealed class SqlTransaction(
    DbConnection connection, DbTransaction? transaction, Dictionary<string, DbCommand>? prepared = null)
    : ISqlTransaction
{
    public async Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        var command = Prepare(sql, parameters);
        try
        {
            return await command.ExecuteNonQueryAsync().ConfigureAwait(false);
        }
        finally
        {
            Release(command);
        }
    }

    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<ISqlRow, T> read, params (string Name, object? Value)[] parameters)
    {
        var command = Prepare(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            var rows = new List<T>();
            var row = new Row(reader);
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                rows.Add(read(row));
            }

            return rows;
        }
        finally
        {
            Release(command);
        }
    }

    private DbCommand Prepare(string sql, (string Name, object? Value)[] parameters)
    {
        if (prepared is not null && prepared.TryGetValue(sql, out var known) &&
            known.Parameters.Count == parameters.Length)
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                known.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
            }

            return known;
        }

        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, transaction);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        if (prepared is not null)
        {
            prepared[sql] = command;
            command.Prepare();
        }

        return command;
    }

    private void Release(DbCommand command)
    {
        if (prepared is null)
        {
            command.Dispose();
        }
    }

    private sealed class Row(DbDataReader reader) : ISqlRow
    {
        public string Text(int column) => reader.IsDBNull(column) ? "" : reader.GetString(column);

        public long Integer(int column) => reader.IsDBNull(column) ? 0 : Convert.ToInt64(reader.GetValue(column));

        public double Real(int column) => reader.IsDBNull(column) ? 0 : Convert.ToDouble(reader.GetValue(column));

        public bool IsNull(int column) => reader.IsDBNull(column);
    }
}
