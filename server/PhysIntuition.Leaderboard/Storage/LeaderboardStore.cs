using System.Globalization;
using PhysIntuition.Leaderboard.Runs;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>Seasons, runs, answers and results. Every method is one transaction: durable when it completes.</summary>
public sealed partial class LeaderboardStore
{
    private const string RunColumns =
        "id, token_hash, season, method, kind, task, options, axis, trained_on, settings, scenes, owner, state, " +
        "opened_at, deadline, closed_at, provenance, signature, suite, command, shares_scenes";

    private readonly ISqlDatabase _database;

    private LeaderboardStore(ISqlDatabase database) => _database = database;

    /// <summary>Brings the tables up to date and opens the store.</summary>
    public static async Task<LeaderboardStore> OpenAsync(ISqlDatabase database)
    {
        await Schema.MigrateAsync(database).ConfigureAwait(false);
        return new LeaderboardStore(database);
    }

    /// <summary>Adds a season unless there is one of its name.</summary>
    public Task AddSeasonAsync(Season season) => _database.TransactAsync(
        transaction => InsertAsync(transaction, season));

    /// <summary>Ends a season; later calls change nothing.</summary>
    public Task EndSeasonAsync(string id, DateTime now) => _database.TransactAsync(transaction =>
        transaction.ExecuteAsync(
            "UPDATE seasons SET closed_at = @now WHERE id = @id AND closed_at IS NULL",
            ("id", id), ("now", Format(now))));

    /// <summary>All seasons, oldest first.</summary>
    public Task<List<Season>> SeasonsAsync() => _database.TransactAsync(transaction => transaction.QueryAsync(
        "SELECT id, commitment, secret, opened_at, closed_at FROM seasons ORDER BY opened_at, id",
        row => new Season(row.Text(0), row.Text(1), row.Text(2), Time(row, 3)!.Value, Time(row, 4))));

    /// <summary>Adds a run unless its owner has <paramref name="limit"/> of that method and task already.</summary>
    /// <returns>Whether it was added.</returns>
    public Task<bool> TryAddRunAsync(Run run, int limit) => _database.TransactAsync(async transaction =>
    {
        var request = run.Request;
        var count = await transaction.QueryAsync(
            "SELECT COUNT(*) FROM runs WHERE season = @season AND task = @task AND options = @options " +
            "AND suite = @suite AND owner = @owner AND method = @method",
            row => row.Integer(0), ("season", run.Season), ("task", request.Task), ("options", request.Options),
            ("suite", request.Suite), ("owner", request.Owner), ("method", request.Method)).ConfigureAwait(false);
        if (count[0] >= limit)
        {
            return false;
        }

        await InsertAsync(transaction, run).ConfigureAwait(false);
        return true;
    });

    /// <summary>One run, or null.</summary>
    public Task<Run?> FindRunAsync(string id) => _database.TransactAsync(transaction => FindRunAsync(transaction, id));

    /// <summary>Runs of a season in the order in which they were opened; filters that are null let all pass.</summary>
    public Task<List<Run>> RunsAsync(string season, string? task = null, RunState? state = null) =>
        _database.TransactAsync(transaction => transaction.QueryAsync(
            $"SELECT {RunColumns} FROM runs WHERE season = @season AND (@task = '' OR task = @task) " +
            "AND (@state = '' OR state = @state) ORDER BY opened_at, id",
            ReadRun, ("season", season), ("task", task ?? ""), ("state", state?.ToString() ?? "")));

    private static Task<int> InsertAsync(SqlTransaction transaction, Season season) => transaction.ExecuteAsync(
        "INSERT INTO seasons (id, commitment, secret, opened_at, closed_at) " +
        "VALUES (@id, @commitment, @secret, @opened, @closed) ON CONFLICT (id) DO NOTHING",
        ("id", season.Id), ("commitment", season.Commitment), ("secret", season.Secret),
        ("opened", Format(season.OpenedAt)), ("closed", season.ClosedAt is { } closed ? Format(closed) : null));

    private static Task<int> InsertAsync(SqlTransaction transaction, Run run)
    {
        var request = run.Request;
        return transaction.ExecuteAsync(
            $"INSERT INTO runs ({RunColumns}) VALUES (@id, @token, @season, @method, @kind, @task, @options, @axis, " +
            "@trained, @settings, @scenes, @owner, @state, @opened, @deadline, @closed, @provenance, '', @suite, " +
            "@command, @shares)",
            ("id", run.Id), ("token", run.TokenHash), ("season", run.Season), ("method", request.Method),
            ("kind", request.Kind.ToString()), ("task", request.Task), ("options", request.Options),
            ("axis", request.Axis), ("trained", request.TrainedOn), ("settings", request.Settings),
            ("scenes", (long)request.Count), ("owner", request.Owner), ("state", run.State.ToString()),
            ("opened", Format(run.OpenedAt)), ("deadline", Format(run.Deadline)),
            ("closed", run.ClosedAt is { } closed ? Format(closed) : null), ("provenance", run.Provenance),
            ("suite", request.Suite), ("command", request.Command), ("shares", run.SharesScenes ? 1L : 0L));
    }

    private static async Task<Run?> FindRunAsync(SqlTransaction transaction, string id)
    {
        var runs = await transaction.QueryAsync(
            $"SELECT {RunColumns} FROM runs WHERE id = @id", ReadRun, ("id", id)).ConfigureAwait(false);
        return runs.Count == 0 ? null : runs[0];
    }

    private static Run ReadRun(SqlRow row) => new()
    {
        Id = row.Text(0),
        TokenHash = row.Text(1),
        Season = row.Text(2),
        Request = new RunRequest
        {
            Method = row.Text(3),
            Kind = Enum.Parse<PlayerKind>(row.Text(4)),
            Task = row.Text(5),
            Options = row.Text(6),
            Axis = row.Text(7),
            TrainedOn = row.Text(8),
            Settings = row.Text(9),
            Count = (int)row.Integer(10),
            Owner = row.Text(11),
            Suite = row.Text(18),
            Command = row.Text(19),
        },
        State = Enum.Parse<RunState>(row.Text(12)),
        OpenedAt = Time(row, 13)!.Value,
        Deadline = Time(row, 14)!.Value,
        ClosedAt = Time(row, 15),
        Provenance = row.Text(16),
        SharesScenes = row.Integer(20) != 0,
    };

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    private static DateTime? Time(SqlRow row, int column) => row.IsNull(column)
        ? null
        : DateTime.Parse(row.Text(column), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
