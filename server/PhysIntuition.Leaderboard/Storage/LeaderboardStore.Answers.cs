using PhysIntuition.Leaderboard.Runs;

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

/// <summary>Answers and results.</summary>
public sealed partial class LeaderboardStore
{
    /// <summary>Stores one answer, once.</summary>
    public Task<AnswerOutcome> AddAnswerAsync(string run, Answer answer, DateTime now) =>
        _database.TransactAsync(async transaction =>
        {
            (string, object?)[] key = [("run", run), ("scene", (long)answer.Scene), ("step", (long)answer.Step)];
            var stored = await transaction.QueryAsync(
                "SELECT answer FROM answers WHERE run = @run AND scene = @scene AND step = @step",
                row => row.Text(0), key).ConfigureAwait(false);
            if (stored.Count > 0)
            {
                return stored[0] == answer.Text ? AnswerOutcome.Repeated : AnswerOutcome.Conflict;
            }

            var open = await transaction.QueryAsync(
                "SELECT state FROM runs WHERE id = @run AND state = 'Open' AND deadline > @now",
                row => row.Text(0), ("run", run), ("now", Format(now))).ConfigureAwait(false);
            if (open.Count == 0)
            {
                return AnswerOutcome.NotOpen;
            }

            var before = await transaction.QueryAsync(
                "SELECT COUNT(*) FROM answers WHERE run = @run AND scene = @scene AND step < @step",
                row => row.Integer(0), key).ConfigureAwait(false);
            if (before[0] != answer.Step)
            {
                return AnswerOutcome.OutOfOrder;
            }

            await transaction.ExecuteAsync(
                "INSERT INTO answers (run, scene, step, answer, confidence, answered_at) " +
                "VALUES (@run, @scene, @step, @answer, @confidence, @now)",
                [.. key, ("answer", answer.Text), ("now", Format(now)),
                    ("confidence", double.IsNaN(answer.Confidence) ? null : answer.Confidence)]).ConfigureAwait(false);
            return AnswerOutcome.Accepted;
        });

    /// <summary>All answers of a run by scene and step.</summary>
    public Task<List<Answer>> AnswersAsync(string run) => _database.TransactAsync(transaction => transaction.QueryAsync(
        "SELECT scene, step, answer, confidence FROM answers WHERE run = @run ORDER BY scene, step",
        row => new Answer(
            (int)row.Integer(0), (int)row.Integer(1), row.Text(2), row.IsNull(3) ? double.NaN : row.Real(3)),
        ("run", run)));

    /// <summary>Freezes the answers. True if the run was open or already frozen, false once it is scored.</summary>
    public Task<bool> FreezeAsync(string run) => _database.TransactAsync(async transaction =>
        await transaction.ExecuteAsync(
            "UPDATE runs SET state = 'Closing' WHERE id = @run AND state <> 'Closed'", ("run", run))
            .ConfigureAwait(false) > 0);

    /// <summary>Stores the scores of a frozen run, once. False if it was scored before; nothing changes then.</summary>
    public Task<bool> FinishAsync(
        string run, IReadOnlyList<SceneResult> results, string provenance, string signature, DateTime now) =>
        _database.TransactAsync(async transaction =>
        {
            var changed = await transaction.ExecuteAsync(
                "UPDATE runs SET state = 'Closed', closed_at = @now, provenance = @provenance, " +
                "signature = @signature WHERE id = @run AND state = 'Closing'",
                ("run", run), ("now", Format(now)), ("provenance", provenance), ("signature", signature))
                .ConfigureAwait(false);
            if (changed == 0)
            {
                return false;
            }

            foreach (var result in results)
            {
                await transaction.ExecuteAsync(
                    "INSERT INTO results (run, scene, reward, steps, scene_hash, outcome_hash) " +
                    "VALUES (@run, @scene, @reward, @steps, @sceneHash, @outcomeHash)",
                    ("run", run), ("scene", (long)result.Scene), ("reward", result.Reward),
                    ("steps", (long)result.Steps), ("sceneHash", result.SceneHash),
                    ("outcomeHash", result.OutcomeHash)).ConfigureAwait(false);
            }

            return true;
        });

    /// <summary>Scores of a run by scene; empty until it is closed.</summary>
    public Task<List<SceneResult>> ResultsAsync(string run) => _database.TransactAsync(transaction =>
        transaction.QueryAsync(
            "SELECT scene, reward, steps, scene_hash, outcome_hash FROM results WHERE run = @run ORDER BY scene",
            row => new SceneResult(
                (int)row.Integer(0), row.Real(1), (int)row.Integer(2), row.Text(3), row.Text(4)),
            ("run", run)));
}
