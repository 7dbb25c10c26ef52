using System.Globalization;

namespace PhysIntuition.Leaderboard.Storage;

/// <summary>What became of a run that somebody wants to open.</summary>
public enum AddedRun
{
    /// <summary>It is stored.</summary>
    Added,

    /// <summary>Its name belongs to another owner.</summary>
    NameTaken,

    /// <summary>Its claim has opened a run before.</summary>
    ClaimUsed,

    /// <summary>Its owner has had its runs of that name and board in the season.</summary>
    LimitReached,
}

/// <summary>Seasons, runs, answers and results. Every method is one transaction: durable when it completes.</summary>
public sealed partial class LeaderboardStore
{
    private const string RunColumns =
        "id, token_hash, season, method, kind, task, options, axis, trained_on, settings, scenes, owner, state, " +
        "opened_at, deadline, closed_at, provenance, signature, suite, command, shares_scenes, name_key";

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

    /// <summary>Adds a run, unless its name is somebody else's or the owner has had its runs.</summary>
    /// <param name="run">An agent's without an owner is not limited: its name is nobody's.</param>
    /// <param name="limit">Runs of one owner and name on one board in a season.</param>
    /// <returns>What became of it, and the run as it is stored: spelled as the name's first run.</returns>
    public Task<(AddedRun Outcome, Run Stored)> TryAddRunAsync(Run run, int limit) =>
        _database.TransactAsync(async transaction =>
        {
            if (run.Request.Kind == PlayerKind.Agent)
            {
                var (outcome, method) = await CheckNameAsync(transaction, run, limit).ConfigureAwait(false);
                if (outcome != AddedRun.Added)
                {
                    return (outcome, run);
                }

                run = run with { Request = run.Request with { Method = method } };
            }

            await InsertAsync(transaction, run, KeyOf(run.Request)).ConfigureAwait(false);
            return (AddedRun.Added, run);
        });

    /// <summary>One run, or null.</summary>
    public Task<Run?> FindRunAsync(string id) => _database.TransactAsync(transaction => FindRunAsync(transaction, id));

    /// <summary>Runs of a season in the order in which they were opened; filters that are null let all pass.</summary>
    public Task<List<Run>> RunsAsync(string season, string? task = null, RunState? state = null) =>
        _database.TransactAsync(transaction => transaction.QueryAsync(
            $"SELECT {RunColumns} FROM runs WHERE season = @season AND (@task = '' OR task = @task) " +
            "AND (@state = '' OR state = @state) ORDER BY opened_at, id",
            ReadRun, ("season", season), ("task", task ?? ""), ("state", state?.ToString() ?? "")));

    private static async Task<(AddedRun Outcome, string Method)> CheckNameAsync(
        SqlTransaction transaction, Run run, int limit)
    {
        var request = run.Request;
        var named = await transaction.QueryAsync(
            "SELECT owner, method, season, task, options, suite, signature FROM runs " +
            "WHERE name_key = @key AND owner <> '' ORDER BY opened_at, id",
            row => (Owner: row.Text(0), Method: row.Text(1), Season: row.Text(2),
                Board: (row.Text(3), row.Text(4), row.Text(5)), Signature: row.Text(6)),
            ("key", KeyOf(request))).ConfigureAwait(false);
        if (named.Count == 0)
        {
            return (AddedRun.Added, request.Method);
        }

        if (named[0].Owner != request.Owner)
        {
            return (AddedRun.NameTaken, "");
        }

        if (run.Signature.Length > 0 && named.Exists(one => one.Signature == run.Signature))
        {
            return (AddedRun.ClaimUsed, "");
        }

        var count = named.Count(one =>
            one.Season == run.Season && one.Board == (request.Task, request.Options, request.Suite));
        return (count >= limit ? AddedRun.LimitReached : AddedRun.Added, named[0].Method);
    }

    // Names of scripted players and of people are no methods' names.
    private static string KeyOf(RunSpec request) =>
        request.Kind == PlayerKind.Agent ? MethodName.Parse(request.Method).Key : "";

    private static Task<int> InsertAsync(SqlTransaction transaction, Season season) => transaction.ExecuteAsync(
        "INSERT INTO seasons (id, commitment, secret, opened_at, closed_at) " +
        "VALUES (@id, @commitment, @secret, @opened, @closed) ON CONFLICT (id) DO NOTHING",
        ("id", season.Id), ("commitment", season.Commitment), ("secret", season.Secret),
        ("opened", Format(season.OpenedAt)), ("closed", season.ClosedAt is { } closed ? Format(closed) : null));

    private static Task<int> InsertAsync(SqlTransaction transaction, Run run, string nameKey)
    {
        var request = run.Request;
        return transaction.ExecuteAsync(
            $"INSERT INTO runs ({RunColumns}) VALUES (@id, @token, @season, @method, @kind, @task, @options, @axis, " +
            "@trained, @settings, @scenes, @owner, @state, @opened, @deadline, @closed, @provenance, @signature, " +
            "@suite, @command, @shares, @key)",
            ("id", run.Id), ("token", run.TokenHash), ("season", run.Season), ("method", request.Method),
            ("kind", request.Kind.ToString()), ("task", request.Task), ("options", request.Options),
            ("axis", request.Axis), ("trained", request.TrainedOn), ("settings", request.Settings),
            ("scenes", (long)request.Count), ("owner", request.Owner), ("state", run.State.ToString()),
            ("opened", Format(run.OpenedAt)), ("deadline", Format(run.Deadline)),
            ("closed", run.ClosedAt is { } closed ? Format(closed) : null), ("provenance", run.Provenance),
            ("suite", request.Suite), ("command", request.Command), ("shares", run.SharesScenes ? 1L : 0L),
            ("signature", run.Signature), ("key", nameKey));
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
        Request = new RunSpec
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
        Signature = row.Text(17),
        SharesScenes = row.Integer(20) != 0,
    };

    private static string Format(DateTime time) => time.ToUniversalTime().ToString("O", CultureInfo.InvariantCulture);

    private static DateTime? Time(SqlRow row, int column) => row.IsNull(column)
        ? null
        : DateTime.Parse(row.Text(column), CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
