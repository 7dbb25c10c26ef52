using Microsoft.Extensions.Options;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Results;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Server.Pages;
using PhysIntuition.Server.Scheduling;

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
        _database ??= settings.Postgres.Length > 0
            ? new PostgresDatabase(settings.Postgres)
            : new SqliteDatabase(Path.Combine(settings.Folder, "leaderboard.db"));
        var store = await LeaderboardStore.OpenAsync(_database);
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
        return new OpenLeaderboard(
            store, board, Ed25519Key.LoadOrCreate(Path.Combine(settings.Folder, "signing.key")));
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
