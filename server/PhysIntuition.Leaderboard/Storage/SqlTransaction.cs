using System.Data.Common;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>Statements on one ADO.NET connection. Parameters are written <c>@name</c> and are text, long, double or
/// null.</summary>
public sealed class SqlTransaction
{
    private readonly DbConnection _connection;
    private readonly DbTransaction? _transaction;
    private readonly Dictionary<string, DbCommand>? _prepared;

    /// <param name="connection">Where the statements run.</param>
    /// <param name="transaction">Null: begun and ended by statements.</param>
    /// <param name="keepsPrepared">Whether commands stay prepared, by their text; for a connection that outlives the
    /// transaction and is used by one thread alone.</param>
    internal SqlTransaction(DbConnection connection, DbTransaction? transaction = null, bool keepsPrepared = false) =>
        (_connection, _transaction, _prepared) = (connection, transaction, keepsPrepared ? [] : null);

    /// <summary>Runs a statement.</summary>
    /// <returns>Rows changed.</returns>
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

    /// <summary>Reads rows.</summary>
    public async Task<List<T>> QueryAsync<T>(
        string sql, Func<SqlRow, T> read, params (string Name, object? Value)[] parameters)
    {
        var command = Prepare(sql, parameters);
        try
        {
            await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
            var rows = new List<T>();
            while (await reader.ReadAsync().ConfigureAwait(false))
            {
                rows.Add(read(new SqlRow(reader)));
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
        if (_prepared is not null && _prepared.TryGetValue(sql, out var known))
        {
            for (var i = 0; i < parameters.Length; i++)
            {
                known.Parameters[i].Value = parameters[i].Value ?? DBNull.Value;
            }

            return known;
        }

        var command = _connection.CreateCommand();
        (command.CommandText, command.Transaction) = (sql, _transaction);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value ?? DBNull.Value);
            command.Parameters.Add(parameter);
        }

        _prepared?.Add(sql, command);
        return command;
    }

    private void Release(DbCommand command)
    {
        if (_prepared is null)
        {
            command.Dispose();
        }
    }
}

/// <summary>One row of a result, by column index.</summary>
public readonly struct SqlRow
{
    private readonly DbDataReader _reader;

    internal SqlRow(DbDataReader reader) => _reader = reader;

    /// <summary>Text; empty if null.</summary>
    public string Text(int column) => _reader.IsDBNull(column) ? "" : _reader.GetString(column);

    /// <summary>A whole number; 0 if null.</summary>
    public long Integer(int column) => _reader.IsDBNull(column) ? 0 : _reader.GetInt64(column);

    /// <summary>A number; 0 if null.</summary>
    public double Real(int column) => _reader.IsDBNull(column) ? 0 : _reader.GetDouble(column);

    /// <summary>Whether the column has no value.</summary>
    public bool IsNull(int column) => _reader.IsDBNull(column);
}
