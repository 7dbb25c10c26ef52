using SQLitePCL;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>Statements on the one connection of a <see cref="SqliteDatabase"/>.</summary>
internal sealed class SqliteTransaction(SqliteDatabase database, sqlite3 handle) : ISqlTransaction
{
    public Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        using var statement = Prepare(sql, parameters);
        database.Check(raw.sqlite3_step(statement));
        return Task.FromResult(raw.sqlite3_changes(handle));
    }

    public Task<List<T>> QueryAsync<T>(
        string sql, Func<ISqlRow, T> read, params (string Name, object? Value)[] parameters)
    {
        using var statement = Prepare(sql, parameters);
        var rows = new List<T>();
        var row = new Row(statement);
        while (true)
        {
            var code = raw.sqlite3_step(statement);
            database.Check(code);
            if (code != raw.SQLITE_ROW)
            {
                return Task.FromResult(rows);
            }

            rows.Add(read(row));
        }
    }

    private sqlite3_stmt Prepare(string sql, (string Name, object? Value)[] parameters)
    {
        database.Check(raw.sqlite3_prepare_v2(handle, sql, out var statement));
        foreach (var (name, value) in parameters)
        {
            var index = raw.sqlite3_bind_parameter_index(statement, "@" + name);
            database.Check(value switch
            {
                null => raw.sqlite3_bind_null(statement, index),
                string text => raw.sqlite3_bind_text(statement, index, text),
                double number => raw.sqlite3_bind_double(statement, index, number),
                long number => raw.sqlite3_bind_int64(statement, index, number),
                _ => throw new ArgumentException($"'{name}' is {value.GetType()}; text, long and double can be bound."),
            });
        }

        return statement;
    }

    private sealed class Row(sqlite3_stmt statement) : ISqlRow
    {
        public string Text(int column) => raw.sqlite3_column_text(statement, column).utf8_to_string() ?? "";

        public long Integer(int column) => raw.sqlite3_column_int64(statement, column);

        public double Real(int column) => raw.sqlite3_column_double(statement, column);

        public bool IsNull(int column) => raw.sqlite3_column_type(statement, column) == raw.SQLITE_NULL;
    }
}
