namespace PhysIntuition.Leaderboard.Storage;

/// <summary>The tables, as numbered migrations: applied once each, in order, never edited after a release.</summary>
internal static class Schema
{
    private static readonly string[][] s_migrations =
    [
        [
            """
            CREATE TABLE seasons (
              id TEXT PRIMARY KEY, commitment TEXT NOT NULL, secret TEXT NOT NULL,
              opened_at TEXT NOT NULL, closed_at TEXT)
            """,
            """
            CREATE TABLE runs (
              id TEXT PRIMARY KEY, token_hash TEXT NOT NULL, season TEXT NOT NULL REFERENCES seasons (id),
              method TEXT NOT NULL, kind TEXT NOT NULL, task TEXT NOT NULL, options TEXT NOT NULL,
              axis TEXT NOT NULL, trained_on TEXT NOT NULL, settings TEXT NOT NULL, scenes BIGINT NOT NULL,
              owner TEXT NOT NULL, state TEXT NOT NULL, opened_at TEXT NOT NULL, deadline TEXT NOT NULL,
              closed_at TEXT, provenance TEXT NOT NULL, signature TEXT NOT NULL)
            """,
            "CREATE INDEX runs_by_task ON runs (season, task, state)",
            """
            CREATE TABLE answers (
              run TEXT NOT NULL REFERENCES runs (id), scene BIGINT NOT NULL, step BIGINT NOT NULL,
              answer TEXT NOT NULL, confidence DOUBLE PRECISION, answered_at TEXT NOT NULL,
              PRIMARY KEY (run, scene, step))
            """,
            """
            CREATE TABLE results (
              run TEXT NOT NULL REFERENCES runs (id), scene BIGINT NOT NULL, reward DOUBLE PRECISION NOT NULL,
              steps BIGINT NOT NULL, scene_hash TEXT NOT NULL, outcome_hash TEXT NOT NULL,
              PRIMARY KEY (run, scene))
            """,
        ],
        [
            "ALTER TABLE runs ADD COLUMN suite TEXT NOT NULL DEFAULT ''",
            "ALTER TABLE runs ADD COLUMN command TEXT NOT NULL DEFAULT ''",
        ],
        [
            "ALTER TABLE runs ADD COLUMN shares_scenes BIGINT NOT NULL DEFAULT 1",
        ],
        [
            "ALTER TABLE runs ADD COLUMN name_key TEXT NOT NULL DEFAULT ''",
            "CREATE INDEX runs_by_name ON runs (name_key)",
            // Where no token was asked for, everybody was one owner: nobody knows whose those names were.
            "UPDATE runs SET owner = '' WHERE owner = 'everybody'",
        ],
    ];

    private const int NamesVersion = 4;

    public static Task MigrateAsync(ISqlDatabase database) => database.TransactAsync(async transaction =>
    {
        await transaction.ExecuteAsync("CREATE TABLE IF NOT EXISTS migrations (version BIGINT PRIMARY KEY)");
        var versions = await transaction.QueryAsync("SELECT version FROM migrations", row => row.Integer(0));
        var newest = versions.Count == 0 ? 0 : versions.Max();
        if (newest > s_migrations.Length)
        {
            throw new StorageException(
                $"{database.Name} has schema version {newest}; this program knows up to {s_migrations.Length}. " +
                "Use a newer version of the program, or another database.");
        }

        for (var version = newest + 1; version <= s_migrations.Length; version++)
        {
            foreach (var statement in s_migrations[version - 1])
            {
                await transaction.ExecuteAsync(statement);
            }

            await transaction.ExecuteAsync("INSERT INTO migrations (version) VALUES (@version)", ("version", version));
        }

        if (newest is > 0 and < NamesVersion)
        {
            await ClaimNamesAsync(transaction);
        }

        return 0;
    });

    // Names of owners of earlier versions stay theirs; one that no run could have today is nobody's.
    private static async Task ClaimNamesAsync(SqlTransaction transaction)
    {
        var names = await transaction.QueryAsync(
            "SELECT DISTINCT method FROM runs WHERE kind = 'Agent'", row => row.Text(0));
        foreach (var name in names)
        {
            try
            {
                await transaction.ExecuteAsync(
                    "UPDATE runs SET name_key = @key WHERE method = @method AND kind = 'Agent'",
                    ("key", MethodName.Parse(name).Key), ("method", name));
            }
            catch (PhysIntuitionException)
            {
            }
        }
    }
}
