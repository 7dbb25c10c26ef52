namespace PhysIntuition.Leaderboard.Storage;

/// <summary>A closed run with what it was scored on.</summary>
/// <param name="Run">The run.</param>
/// <param name="Results">Scores by scene.</param>
/// <param name="Confident">The answers that state a confidence.</param>
/// <param name="Last">The last answer to each scene.</param>
public sealed record ClosedRun(
    Run Run, IReadOnlyList<SceneResult> Results, IReadOnlyList<SceneAnswer> Confident, IReadOnlyList<SceneAnswer> Last);

/// <content>Scores.</content>
public sealed partial class LeaderboardStore
{
    private const string ClosedRuns =
        "runs.season = @season AND runs.state = 'Closed' AND (@task = '' OR runs.task = @task) " +
        "AND (@method = '' OR runs.method = @method)";

    /// <summary>Replaces the settings of an open run; of another nothing changes.</summary>
    public Task SetSettingsAsync(string run, string settings) => _database.TransactAsync(transaction =>
        transaction.ExecuteAsync(
            "UPDATE runs SET settings = @settings WHERE id = @run AND state = 'Open'",
            ("run", run), ("settings", settings)));

    /// <summary>Freezes the answers. True if the run was open or already frozen, false once it is scored.</summary>
    public Task<bool> FreezeAsync(string run) => _database.TransactAsync(async transaction =>
        await transaction.ExecuteAsync(
            "UPDATE runs SET state = 'Closing' WHERE id = @run AND state <> 'Closed'", ("run", run))
            .ConfigureAwait(false) > 0);

    /// <summary>Stores the scores of a frozen run, once. False if it was scored before; nothing changes then.</summary>
    public Task<bool> FinishAsync(
        string run, IReadOnlyList<SceneResult> results, string provenance, DateTime now) =>
        _database.TransactAsync(async transaction =>
        {
            var changed = await transaction.ExecuteAsync(
                "UPDATE runs SET state = 'Closed', closed_at = @now, provenance = @provenance " +
                "WHERE id = @run AND state = 'Closing'",
                ("run", run), ("now", Format(now)), ("provenance", provenance)).ConfigureAwait(false);
            if (changed == 0)
            {
                return false;
            }

            foreach (var result in results)
            {
                await InsertAsync(transaction, run, result).ConfigureAwait(false);
            }

            return true;
        });

    /// <summary>Closed runs of a season with scenes that are not scored yet.</summary>
    public Task<List<Run>> IncompleteAsync(string season) => _database.TransactAsync(transaction =>
        transaction.QueryAsync(
            $"SELECT {RunColumns} FROM runs WHERE season = @season AND state = 'Closed' " +
            "AND scenes > (SELECT COUNT(*) FROM results WHERE results.run = runs.id) ORDER BY closed_at, id",
            ReadRun, ("season", season)));

    /// <summary>Adds the scores that a closed run still lacks; those that it has stay.</summary>
    public Task CompleteAsync(string run, IReadOnlyList<SceneResult> results, string provenance) =>
        _database.TransactAsync(async transaction =>
        {
            foreach (var result in results)
            {
                await InsertAsync(transaction, run, result).ConfigureAwait(false);
            }

            return await transaction.ExecuteAsync(
                "UPDATE runs SET provenance = @provenance WHERE id = @run",
                ("run", run), ("provenance", provenance)).ConfigureAwait(false);
        });

    /// <summary>Scores of a run by scene; empty until it is closed.</summary>
    public Task<List<SceneResult>> ResultsAsync(string run) => _database.TransactAsync(transaction =>
        transaction.QueryAsync(
            "SELECT scene, reward, steps, scene_hash, outcome_hash FROM results WHERE run = @run ORDER BY scene",
            row => ReadResult(row, 0), ("run", run)));

    /// <summary>Closed runs of a season, the one closed first first, with their scores; empty filters let all
    /// pass.</summary>
    public Task<List<ClosedRun>> ClosedAsync(string season, string task = "", string method = "") =>
        _database.TransactAsync(async transaction =>
        {
            (string, object?)[] filter = [("season", season), ("task", task), ("method", method)];
            var runs = await transaction.QueryAsync(
                $"SELECT {RunColumns} FROM runs WHERE {ClosedRuns} ORDER BY closed_at, id",
                ReadRun, filter).ConfigureAwait(false);
            var results = await transaction.QueryAsync(
                "SELECT results.run, results.scene, reward, steps, scene_hash, outcome_hash FROM results " +
                $"JOIN runs ON runs.id = results.run WHERE {ClosedRuns} ORDER BY results.run, results.scene",
                row => (Run: row.Text(0), Result: ReadResult(row, 1)), filter).ConfigureAwait(false);
            var confident = await transaction.QueryAsync(
                "SELECT answers.run, scene, step, confidence FROM answers JOIN runs ON runs.id = answers.run " +
                $"WHERE confidence IS NOT NULL AND {ClosedRuns} ORDER BY answers.run, scene, step",
                row => (Run: row.Text(0), Answer: new SceneAnswer(
                    (int)row.Integer(1), (int)row.Integer(2), "", row.Real(3))), filter).ConfigureAwait(false);
            var last = await transaction.QueryAsync(
                "SELECT answers.run, scene, step, answer FROM answers JOIN runs ON runs.id = answers.run " +
                $"WHERE {ClosedRuns} AND step = (SELECT MAX(later.step) FROM answers AS later " +
                "WHERE later.run = answers.run AND later.scene = answers.scene) ORDER BY answers.run, scene",
                row => (Run: row.Text(0), Answer: new SceneAnswer(
                    (int)row.Integer(1), (int)row.Integer(2), row.Text(3), double.NaN)), filter).ConfigureAwait(false);
            var lastOf = last.ToLookup(row => row.Run, row => row.Answer);
            var resultsOf = results.ToLookup(row => row.Run, row => row.Result);
            var confidentOf = confident.ToLookup(row => row.Run, row => row.Answer);
            return runs.ConvertAll(run => new ClosedRun(
                run, [.. resultsOf[run.Id]], [.. confidentOf[run.Id]], [.. lastOf[run.Id]]));
        });

    /// <summary>Adds a closed run of another leaderboard. A season that is known here keeps its
    /// name.</summary>
    /// <param name="season">The run's season, under the name that it shall have if it is new here.</param>
    /// <param name="run">The run.</param>
    /// <param name="results">Its scores.</param>
    /// <param name="answers">Its answers.</param>
    /// <returns>False if the run is here already; nothing changes then.</returns>
    public Task<bool> ImportAsync(
        Season season, Run run, IReadOnlyList<SceneResult> results, IReadOnlyList<SceneAnswer> answers) =>
        _database.TransactAsync(async transaction =>
        {
            if (await FindRunAsync(transaction, run.Id).ConfigureAwait(false) is not null)
            {
                return false;
            }

            var ids = await transaction.QueryAsync(
                "SELECT id FROM seasons WHERE commitment = @commitment", row => row.Text(0),
                ("commitment", season.Commitment)).ConfigureAwait(false);
            if (ids.Count == 0)
            {
                await InsertAsync(transaction, season).ConfigureAwait(false);
            }

            // Whose its name is elsewhere says nothing about names here.
            await InsertAsync(transaction, run with { Season = ids.FirstOrDefault() ?? season.Id }, nameKey: "")
                .ConfigureAwait(false);
            foreach (var answer in answers)
            {
                await InsertAsync(transaction, run.Id, answer, run.Deadline).ConfigureAwait(false);
            }

            foreach (var result in results)
            {
                await InsertAsync(transaction, run.Id, result).ConfigureAwait(false);
            }

            return true;
        });

    private static Task<int> InsertAsync(SqlTransaction transaction, string run, SceneResult result) =>
        transaction.ExecuteAsync(
            "INSERT INTO results (run, scene, reward, steps, scene_hash, outcome_hash) " +
            "VALUES (@run, @scene, @reward, @steps, @sceneHash, @outcomeHash) ON CONFLICT (run, scene) DO NOTHING",
            ("run", run), ("scene", (long)result.Scene), ("reward", result.Reward), ("steps", (long)result.Steps),
            ("sceneHash", result.SceneHash), ("outcomeHash", result.OutcomeHash));

    private static SceneResult ReadResult(SqlRow row, int first) => new(
        (int)row.Integer(first), row.Real(first + 1), (int)row.Integer(first + 2), row.Text(first + 3),
        row.Text(first + 4));
}
