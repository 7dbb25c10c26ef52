using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests.Storage;

public sealed class SqliteStoreTests : StoreContract, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("physintuition-sqlite-").FullName;

    protected override string? SkipReason => null;

    [Fact]
    public async Task BackUpAsync_WhileOpen_MakesACopyThatOpens()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder, "board.db"));
        await database.BackUpAsync(Path.Combine(_folder, "copy.db"));

        await using var copy = new SqliteDatabase(Path.Combine(_folder, "copy.db"));

        Assert.Empty(await (await LeaderboardStore.OpenAsync(copy)).SeasonsAsync());
        await Assert.ThrowsAsync<IOException>(() => database.BackUpAsync(Path.Combine(_folder, "copy.db")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    protected override ISqlDatabase Connect() => new SqliteDatabase(Path.Combine(_folder, "board.db"));
}
