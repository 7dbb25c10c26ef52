using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests;

public sealed class PostgresStoreTests(PostgresFixture server) : StoreContract, IClassFixture<PostgresFixture>
{
    protected override string? SkipReason => server.SkipReason;

    protected override ISqlDatabase Connect() => new PostgresDatabase(server.ConnectionString);
}

/// <summary>One server for all tests of a class.</summary>
public sealed class PostgresFixture : PostgresServer, IAsyncLifetime;
