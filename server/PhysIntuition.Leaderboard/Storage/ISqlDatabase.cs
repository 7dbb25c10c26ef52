namespace PhysIntuition.Leaderboard.Storage;

/// <summary>What the store needs of a database. Statements are the common subset of SQLite and PostgreSQL.</summary>
public interface ISqlDatabase : IAsyncDisposable
{
    /// <summary>For messages: the kind and the place, without a password.</summary>
    string Name { get; }

    /// <summary>Runs work in one transaction; it is durable when the task completes, or undone if it throws.</summary>
    Task<T> TransactAsync<T>(Func<ISqlTransaction, Task<T>> work, CancellationToken cancel = default);
}

/// <summary>Statements inside one transaction.</summary>
public interface ISqlTransaction
{
    /// <summary>Runs a statement; parameters are written <c>@name</c> and are text, long, double or null.</summary>
    /// <returns>Rows changed.</returns>
    Task<int> ExecuteAsync(string sql, params (string Name, object? Value)[] parameters);

    /// <summary>Reads rows.</summary>
    Task<List<T>> QueryAsync<T>(string sql, Func<ISqlRow, T> read, params (string Name, object? Value)[] parameters);
}

/// <summary>One row of a result, by column index.</summary>
public interface ISqlRow
{
    /// <summary>Text; empty if null.</summary>
    string Text(int column);

    /// <summary>A whole number; 0 if null.</summary>
    long Integer(int column);

    /// <summary>A number; 0 if null.</summary>
    double Real(int column);

    /// <summary>Whether the column has no value.</summary>
    bool IsNull(int column);
}
