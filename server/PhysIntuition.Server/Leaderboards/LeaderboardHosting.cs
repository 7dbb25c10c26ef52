using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Server.Pages;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Everything of the leaderboard that is opened on first use, so that servers without runs write no
/// file.</summary>
internal sealed class LeaderboardHost(
    IOptions<LeaderboardOptions> options, IRunScorer scorer, TimeProvider time) : IAsyncDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly TaskCompletionSource _firstUse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ISqlDatabase? _database;
    private OpenLeaderboard? _open;

    /// <summary>Completes when somebody has used the leaderboard.</summary>
    public Task FirstUse => _firstUse.Task;

    /// <summary>Opens the database and the key, or returns them.</summary>
    public async ValueTask<OpenLeaderboard> OpenAsync()
    {
        if (_open is { } open)
        {
            return open;
        }

        await _gate.WaitAsync();
        try
        {
            _open ??= await OpenOnceAsync();
            _firstUse.TrySetResult();
            return _open;
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }

        _gate.Dispose();
    }

    private async Task<OpenLeaderboard> OpenOnceAsync()
    {
        var settings = options.Value;
        var folder = settings.FindFolder();
        Ed25519Key key;
        LeaderboardStore store;
        try
        {
            _database ??= settings.Postgres.Length > 0
                ? OpenPostgres(settings.Postgres)
                : new SqliteDatabase(Path.Combine(folder, "leaderboard.db"));
            store = await LeaderboardStore.OpenAsync(_database);
            key = Ed25519Key.LoadOrCreate(Path.Combine(folder, "signing.key"));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or StorageException)
        {
            const string setting = $"{LeaderboardOptions.Section}:{nameof(settings.Folder)}";
            throw new PhysIntuitionException(Fault.Unavailable, setting,
                $"The leaderboard's folder is {Path.GetFullPath(folder)}, which cannot be used: {failure.Message} " +
                $"Name another one in {setting}, or with --folder.");
        }

        var board = new Board(
            store,
            scorer,
            new BoardOptions
            {
                RunsPerMethod = settings.RunsPerMethod,
                TimeLimit = settings.TimeLimit,
                ReservedNames =
                    [.. Baselines.Players.Select(row => row.Method), StandingsTable.People, PeopleEndpoints.Method],
            },
            time);
        return new OpenLeaderboard(store, board, key);
    }

    private static PostgresDatabase OpenPostgres(string connection)
    {
        try
        {
            return new PostgresDatabase(connection);
        }
        catch (ArgumentException wrong)
        {
            const string setting = $"{LeaderboardOptions.Section}:{nameof(LeaderboardOptions.Postgres)}";
            throw new PhysIntuitionException(Fault.InvalidArgument, setting,
                $"{setting} is no connection string: {wrong.Message.Split('\n', 2)[0]} Write it as " +
                "Host=localhost;Database=physintuition;Username=...;Password=...");
        }
    }
}

/// <summary>The leaderboard at work.</summary>
/// <param name="Store">What is stored.</param>
/// <param name="Board">The rules.</param>
/// <param name="Key">Signs result files.</param>
internal sealed record OpenLeaderboard(LeaderboardStore Store, Board Board, Ed25519Key Key);

/// <summary>Registration.</summary>
internal static class LeaderboardRegistration
{
    /// <summary>Adds the leaderboard's services.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<RunReplay>();
        services.AddSingleton(provider =>
        {
            var scheduler = provider.GetRequiredService<Scheduler>();
            return new HeldoutWork(() => scheduler.Waiting);
        });
        services.AddSingleton<PreparedScenes>();
        services.AddSingleton<IRunScorer, RunScorer>();
        services.AddSingleton<LeaderboardHost>();
        services.AddSingleton<RunScenes>();
        services.AddSingleton<RunCalls>();
        services.AddSingleton<TableCalls>();
        services.AddHostedService<SeasonService>();
    }
}
