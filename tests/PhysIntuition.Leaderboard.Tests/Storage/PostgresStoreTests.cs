using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests.Storage;

public sealed class PostgresStoreTests(PostgresFixture server) : StoreContract, IClassFixture<PostgresFixture>
{
    protected override string? SkipReason => server.SkipReason;

    protected override ISqlDatabase Connect() => new PostgresDatabase(server.ConnectionString);
}
