namespace PhysIntuition.Leaderboard.Storage;

/// <summary>What became of an answer.</summary>
public enum AnswerOutcome
{
    /// <summary>It is stored.</summary>
    Accepted,

    /// <summary>The same answer was stored before: a retry.</summary>
    Repeated,

    /// <summary>Another answer is stored; it stays.</summary>
    Conflict,

    /// <summary>The run takes no answers any more.</summary>
    NotOpen,

    /// <summary>The step before it has no answer yet.</summary>
    OutOfOrder,
}

/// <summary>What became of the answers of one call: all of them are stored, or none.</summary>
/// <param name="Accepted">How many are new.</param>
/// <param name="Refused">The first that was refused; null if none was.</param>
/// <param name="Reason">Why it was refused.</param>
public readonly record struct AnswersOutcome(int Accepted, SceneAnswer? Refused, AnswerOutcome Reason);

/// <summary>Answers and results.</summary>
public sealed partial class LeaderboardStore
{
    /// <summary>Stores answers, each once; if one is refused, nothing is stored.</summary>
    public Task<AnswersOutcome> AddAnswersAsync(string run, IReadOnlyList<SceneAnswer> answers, DateTime now) =>
        _database.TransactAsync(async transaction =>
        {
            if (answers.Count == 0)
            {
                return new AnswersOutcome(0, null, AnswerOutcome.Accepted);
            }

            var stored = await StoredAsync(transaction, run, answers).ConfigureAwait(false);
            var isOpen = await IsOpenAsync(transaction, run, now).ConfigureAwait(false);
            var accepted = new List<SceneAnswer>();
            foreach (var answer in answers)
            {
                var outcome = Judge(stored, answer, isOpen);
                if (outcome == AnswerOutcome.Accepted)
                {
                    stored[(answer.Scene, answer.Step)] = answer.Text;
                    accepted.Add(answer);
                }
                else if (outcome != AnswerOutcome.Repeated)
                {
                    return new AnswersOutcome(0, answer, outcome);
                }
            }

            foreach (var answer in accepted)
            {
                await InsertAsync(transaction, run, answer, now).ConfigureAwait(false);
            }

            return new AnswersOutcome(accepted.Count, null, AnswerOutcome.Accepted);
        });

    /// <summary>All answers of a run by scene and step.</summary>
    public Task<List<SceneAnswer>> AnswersAsync(string run) => _database.TransactAsync(
        transaction => transaction.QueryAsync(
        "SELECT scene, step, answer, confidence FROM answers WHERE run = @run ORDER BY scene, step",
        row => new SceneAnswer(
            (int)row.Integer(0), (int)row.Integer(1), row.Text(2), row.IsNull(3) ? double.NaN : row.Real(3)),
        ("run", run)));

    private static AnswerOutcome Judge(Dictionary<(int, int), string> stored, SceneAnswer answer, bool isOpen)
    {
        if (stored.TryGetValue((answer.Scene, answer.Step), out var text))
        {
            return text == answer.Text ? AnswerOutcome.Repeated : AnswerOutcome.Conflict;
        }

        return !isOpen ? AnswerOutcome.NotOpen
            : answer.Step > 0 && !stored.ContainsKey((answer.Scene, answer.Step - 1)) ? AnswerOutcome.OutOfOrder
            : AnswerOutcome.Accepted;
    }

    private static async Task<Dictionary<(int Scene, int Step), string>> StoredAsync(
        SqlTransaction transaction, string run, IReadOnlyList<SceneAnswer> answers)
    {
        var rows = await transaction.QueryAsync(
            "SELECT scene, step, answer FROM answers WHERE run = @run AND scene BETWEEN @first AND @last",
            row => (Scene: (int)row.Integer(0), Step: (int)row.Integer(1), Text: row.Text(2)),
            ("run", run), ("first", (long)answers.Min(answer => answer.Scene)),
            ("last", (long)answers.Max(answer => answer.Scene))).ConfigureAwait(false);
        return rows.ToDictionary(row => (row.Scene, row.Step), row => row.Text);
    }

    private static async Task<bool> IsOpenAsync(SqlTransaction transaction, string run, DateTime now)
    {
        // When a season is over its secret is out, and whoever knows it knows every scene.
        var open = await transaction.QueryAsync(
            "SELECT state FROM runs JOIN seasons ON seasons.id = runs.season " +
            "WHERE runs.id = @run AND state = 'Open' AND deadline > @now AND seasons.closed_at IS NULL",
            row => row.Text(0), ("run", run), ("now", Format(now))).ConfigureAwait(false);
        return open.Count > 0;
    }

    private static Task<int> InsertAsync(SqlTransaction transaction, string run, SceneAnswer answer, DateTime now) =>
        transaction.ExecuteAsync(
            "INSERT INTO answers (run, scene, step, answer, confidence, answered_at) " +
            "VALUES (@run, @scene, @step, @answer, @confidence, @now)",
            ("run", run), ("scene", (long)answer.Scene), ("step", (long)answer.Step), ("answer", answer.Text),
            ("confidence", double.IsNaN(answer.Confidence) ? null : answer.Confidence), ("now", Format(now)));
}
