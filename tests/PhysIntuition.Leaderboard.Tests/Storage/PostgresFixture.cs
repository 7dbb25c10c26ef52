namespace PhysIntuition.Leaderboard.Tests.Storage;

/// <summary>One server for all tests of a class.</summary>
public sealed class PostgresFixture : PostgresServer, IAsyncLifetime;
