using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Leaderboard.Tests;

public sealed class SqliteStoreTests : StoreContract
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

    [Fact]
    public async Task TransactAsync_FiftyAtATime_ShareOneCommit()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder, "board.db"));
        using var gate = new ManualResetEventSlim();
        var first = database.TransactAsync(_ => Task.FromResult(gate.Wait(TimeSpan.FromSeconds(30))));
        var before = database.Commits;
        var others = Enumerable.Range(0, 50).Select(i => database.TransactAsync(_ => Task.FromResult(i))).ToArray();
        gate.Set();

        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(others));
        Assert.True(await first);
        Assert.InRange(database.Commits - before, 1, 2);
    }

    [Fact]
    public async Task TransactAsync_OneOfAGroupThrows_UndoesOnlyItself()
    {
        await using var database = new SqliteDatabase(Path.Combine(_folder, "board.db"));
        await database.TransactAsync(transaction => transaction.ExecuteAsync("CREATE TABLE t (x BIGINT)"));
        using var gate = new ManualResetEventSlim();
        var first = database.TransactAsync(_ => Task.FromResult(gate.Wait(TimeSpan.FromSeconds(30))));
        Task<int> AddAsync(long x, bool fails) => database.TransactAsync(async transaction =>
        {
            var rows = await transaction.ExecuteAsync("INSERT INTO t (x) VALUES (@x)", ("x", x));
            return fails ? throw new InvalidOperationException("changed my mind") : rows;
        });
        var (good, bad, better) = (AddAsync(1, fails: false), AddAsync(2, fails: true), AddAsync(3, fails: false));
        gate.Set();

        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.True(await first);
        Assert.Equal((1, 1), (await good, await better));
        Assert.Equal([1L, 3L], await database.TransactAsync(transaction =>
            transaction.QueryAsync("SELECT x FROM t ORDER BY x", row => row.Integer(0))));
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    protected override ISqlDatabase Connect() => new SqliteDatabase(Path.Combine(_folder, "board.db"));
}
