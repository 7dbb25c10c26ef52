using System.Text.Json;
using System.Text.Json.Nodes;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.V1;

namespace PhysIntuition.Leaderboard;

/// <summary>Scores frozen answers; the only thing the leaderboard must be told about tasks.</summary>
public interface IRunScorer
{
    /// <summary>Seeds that the held-out split of a task accepts; 0 means all 64-bit numbers.</summary>
    ulong SeedCount(string task);

    /// <summary>Whether runs of a task have scenes in common, see <see cref="Run.SharesScenes"/>.</summary>
    bool SharesScenes(string task);

    /// <summary>Replays the answers of some scenes. Deterministic: the same answers give the same results.</summary>
    /// <param name="run">What was played.</param>
    /// <param name="scenes">Which scenes.</param>
    /// <param name="answers">By scene and step, perhaps of other scenes too; scenes without an answer score what an
    /// unreadable answer scores.</param>
    /// <param name="cancel">Stops the replay.</param>
    Task<IReadOnlyList<SceneResult>> ScoreAsync(
        RunSpec run, IReadOnlyList<SeededScene> scenes, IReadOnlyList<SceneAnswer> answers,
        CancellationToken cancel);

    /// <summary>Engine, renderer and server versions, as one JSON object.</summary>
    string Provenance { get; }
}

/// <summary>How many runs and how long.</summary>
public sealed record BoardOptions
{
    /// <summary>Runs of one owner with one method name on one task and options in a season.</summary>
    public int RunsPerMethod { get; init; } = 3;

    /// <summary>From opening a run to its deadline.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Names that agents cannot take, nor any that looks like one of them.</summary>
    public IReadOnlyList<string> ReservedNames { get; init; } = [];
}

/// <summary>A run just opened, with the secret that is told once.</summary>
/// <param name="Run">The run.</param>
/// <param name="Token">Its secret; only a hash is kept.</param>
public sealed record OpenedRun(Run Run, string Token);

/// <summary>The rules of held-out runs: open, answer, close, be scored once.</summary>
/// <remarks>Nothing is kept in memory, so every promise holds across kill -9 and between replicas.</remarks>
public sealed class Board(LeaderboardStore store, IRunScorer scorer, BoardOptions options, TimeProvider time)
{
    private static readonly JsonDocumentOptions s_strict = new() { AllowDuplicateProperties = false };

    /// <summary>Most scenes of a run.</summary>
    public const int MaxScenes = 10_000;

    private const int MaxSettingsLength = 16 * 1024;
    private const int MaxAnswerLength = 64 * 1024;
    private const int MaxCommandLength = 4 * 1024;
    private const int MaxAxisLength = 80;

    private readonly Lazy<HashSet<string>> _reserved = new(() =>
        [.. options.ReservedNames.Select(name => MethodName.Parse(name).Key)]);

    /// <summary>The open season; the first call ever opens one.</summary>
    public async Task<Season> CurrentSeasonAsync()
    {
        while (true)
        {
            var seasons = await store.SeasonsAsync().ConfigureAwait(false);
            if (seasons.LastOrDefault(season => season.IsOpen) is { } open)
            {
                return open;
            }

            // Of several that find none at the same time one adds it, and all find that one.
            var secret = SeedSchedule.NewSecret();
            await store.AddSeasonAsync(new Season(
                $"season-{seasons.Count + 1}", SeedSchedule.Commit(secret), secret, Now, ClosedAt: null))
                .ConfigureAwait(false);
        }
    }

    /// <summary>Closes a season: its secret is published, so that anybody can replay every score, and its runs take no
    /// more answers. Scenes that runs have in common are scored now.</summary>
    /// <returns>How many runs were completed by that.</returns>
    public async Task<int> CloseSeasonAsync(string id, CancellationToken cancel = default)
    {
        await store.EndSeasonAsync(id, Now).ConfigureAwait(false);
        return await CompleteSeasonAsync(id, cancel).ConfigureAwait(false);
    }

    /// <summary>Scores what is left of the closed runs of a season that is over; safe to call again at any
    /// time.</summary>
    /// <returns>How many runs were completed.</returns>
    public async Task<int> CompleteSeasonAsync(string id, CancellationToken cancel = default)
    {
        var incomplete = await store.IncompleteAsync(id).ConfigureAwait(false);
        foreach (var run in incomplete)
        {
            var scored = await store.ResultsAsync(run.Id).ConfigureAwait(false);
            var missing = Enumerable.Range(0, run.Request.Count).Except(scored.Select(result => result.Scene));
            var added = await ScoreAsync(run, missing, cancel).ConfigureAwait(false);
            SceneResult[] all = [.. scored.Concat(added).OrderBy(result => result.Scene)];
            await store.CompleteAsync(run.Id, added, Provenance(all)).ConfigureAwait(false);
        }

        return incomplete.Count;
    }

    /// <summary>Opens a run.</summary>
    /// <param name="request">What it is about.</param>
    /// <param name="claim">The claim that the owner signed, already checked; null: there is none.</param>
    public async Task<OpenedRun> OpenAsync(RunSpec request, RunClaim? claim = null)
    {
        request = Checked(request);
        var season = await CurrentSeasonAsync().ConfigureAwait(false);
        var token = RunTokens.NewToken();
        var run = new Run
        {
            Id = RunTokens.NewId(),
            TokenHash = RunTokens.Hash(token),
            Season = season.Id,
            Request = request,
            State = RunState.Open,
            Signature = claim is null ? "" : Convert.ToHexStringLower(claim.Signature.Span),
            SharesScenes = scorer.SharesScenes(request.Task),
            OpenedAt = Now,
            Deadline = Now + options.TimeLimit,
        };
        var (outcome, stored) = await store.TryAddRunAsync(run, options.RunsPerMethod).ConfigureAwait(false);
        return outcome == AddedRun.Added ? new OpenedRun(stored, token) : throw Refusal(run, outcome);
    }

    /// <summary>The run, if the token is its own. A wrong token and an unknown id get the same answer.</summary>
    public async Task<Run> AuthenticateAsync(string id, string token)
    {
        var run = await store.FindRunAsync(id).ConfigureAwait(false);
        var hash = run?.TokenHash ?? RunTokens.Hash(""); // Compare in any case: equal time for unknown ids.
        return RunTokens.Matches(token, hash) && run is not null
            ? run
            : throw Unknown();
    }

    /// <summary>The refusal of a run that the caller has no right to, whether it exists or not.</summary>
    public static PhysIntuitionException Unknown() => new(Fault.NotFound, "run",
        "No run has this id and token. Open a run, and keep both from its reply.");

    /// <summary>The seeds of a run's scenes; for the server's own use while the season is open.</summary>
    public Task<ulong[]> SeedsAsync(Run run) => SeedsAsync(run, Enumerable.Range(0, run.Request.Count));

    /// <summary>The seeds of some of a run's scenes; for the server's own use while the season is open.</summary>
    public async Task<ulong[]> SeedsAsync(Run run, IEnumerable<int> scenes)
    {
        var seasons = await store.SeasonsAsync().ConfigureAwait(false);
        var secret = seasons.Single(season => season.Id == run.Season).Secret;
        return SeedSchedule.Seeds(
            secret, run.Request, run.Id, run.SharesScenes, scenes, scorer.SeedCount(run.Request.Task));
    }

    /// <summary>Whether it is open and has time left.</summary>
    public bool TakesAnswers(Run run) => run.State == RunState.Open && Now < run.Deadline;

    /// <summary>Accepts answers; they are durable when the task completes, and final. All are stored or
    /// none.</summary>
    /// <returns>How many are new; the others repeat stored ones.</returns>
    public async Task<int> AnswerAsync(Run run, IReadOnlyList<SceneAnswer> answers)
    {
        foreach (var answer in answers)
        {
            Check(run, answer);
        }

        var outcome = await store.AddAnswersAsync(run.Id, answers, Now).ConfigureAwait(false);
        return outcome.Refused is { } refused ? throw Refusal(run, refused, outcome.Reason) : outcome.Accepted;
    }

    private PhysIntuitionException Refusal(Run run, AddedRun outcome) => outcome switch
    {
        AddedRun.NameTaken => new(Fault.NotAllowed, "method",
            $"'{run.Request.Method}' belongs to somebody else, or reads like a name that does. Open the run with the " +
            "key or API token that opened its first run, or choose another name."),
        AddedRun.ClaimUsed => new(Fault.InvalidArgument, "key",
            "This claim has opened a run before. Sign a new one, with another nonce."),
        _ => new(Fault.LimitReached, "method",
            $"'{run.Request.Method}' has {options.RunsPerMethod} runs on {run.Request.Board} in {run.Season} " +
            "already, the most for one owner. Wait for the next season, or raise Leaderboard:RunsPerMethod."),
    };

    private static PhysIntuitionException Refusal(Run run, SceneAnswer answer, AnswerOutcome reason) => reason switch
    {
        AnswerOutcome.Conflict => new(Fault.OutOfOrder, "answer",
            $"Scene {answer.Scene}, step {answer.Step} is answered already; answers are final. Go on with the next " +
            "scene; nothing of this call was stored."),
        AnswerOutcome.OutOfOrder => new(Fault.InvalidArgument, "step",
            $"'step' is {answer.Step}, but an earlier step of scene {answer.Scene} has no answer. Answer the steps " +
            "in order; nothing of this call was stored."),
        _ => new(Fault.OutOfOrder, "run",
            $"The run takes no more answers: it is closed, or its deadline ({run.Deadline:O}) or season is over. " +
            "Close it to have what was answered scored."),
    };

    /// <summary>The results that count now: all of them once the season is over and they are scored, before that a
    /// run's own.</summary>
    /// <remarks>Scores of common scenes would let one run spy out labels for the next.</remarks>
    public static IReadOnlyList<SceneResult> Counted(Run run, IReadOnlyList<SceneResult> results, bool isSeasonOpen) =>
        isSeasonOpen || results.Count < run.Request.Count
            ? [.. results.Where(result => !run.IsCommon(result.Scene))]
            : results;

    /// <summary>Freezes the answers and scores the run's own scenes, of a season that is over all of them; safe to
    /// call again at any time, also after a crash.</summary>
    /// <remarks>The time that a common scene takes would tell the same as its score.</remarks>
    /// <param name="run">Which.</param>
    /// <param name="usage">What it took, as a JSON object that becomes the member "usage" of its settings; empty, or a
    /// run that was closed before: nothing is kept.</param>
    /// <param name="cancel">Stops the scoring.</param>
    public async Task<IReadOnlyList<SceneResult>> CloseAsync(
        Run run, CancellationToken cancel = default, string usage = "")
    {
        RequireObject("usage", usage);
        if (usage.Length > 0)
        {
            var settings = JsonNode.Parse(run.Request.Settings is { Length: > 0 } text ? text : "{}")!.AsObject();
            settings["usage"] = JsonNode.Parse(usage);
            await store.SetSettingsAsync(run.Id, settings.ToJsonString()).ConfigureAwait(false);
        }

        if (await store.FreezeAsync(run.Id).ConfigureAwait(false))
        {
            var seasons = await store.SeasonsAsync().ConfigureAwait(false);
            var isSeasonOpen = seasons.Single(season => season.Id == run.Season).IsOpen;
            var scenes = Enumerable.Range(0, run.Request.Count).Where(scene => !isSeasonOpen || !run.IsCommon(scene));
            var results = await ScoreAsync(run, scenes, cancel).ConfigureAwait(false);
            await store.FinishAsync(run.Id, results, Provenance(results), Now).ConfigureAwait(false);
        }

        return await store.ResultsAsync(run.Id).ConfigureAwait(false);
    }

    /// <summary>SHA-256 over the scenes' hashes, one a line, in order: which scenes were played.</summary>
    public static string SceneSet(IEnumerable<SceneResult> results) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.ASCII.GetBytes(string.Join('\n', results.Select(result => result.SceneHash)))));

    private async Task<IReadOnlyList<SceneResult>> ScoreAsync(
        Run run, IEnumerable<int> scenes, CancellationToken cancel)
    {
        int[] chosen = [.. scenes];
        var seeds = await SeedsAsync(run, chosen).ConfigureAwait(false);
        var answers = await store.AnswersAsync(run.Id).ConfigureAwait(false);
        SeededScene[] seeded = [.. chosen.Zip(seeds, (scene, seed) => new SeededScene(scene, seed))];
        return await scorer.ScoreAsync(run.Request, seeded, answers, cancel).ConfigureAwait(false);
    }

    private string Provenance(IReadOnlyList<SceneResult> results)
    {
        var versions = JsonNode.Parse(scorer.Provenance)!.AsObject();
        versions["sceneSet"] = SceneSet(results);
        return versions.ToJsonString();
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private RunSpec Checked(RunSpec request)
    {
        var name = MethodName.Parse(request.Method);
        Require(request.Kind != PlayerKind.Agent || !_reserved.Value.Contains(name.Key), "method",
            $"'method' is '{name.Text}', which reads like a name of the leaderboard's own rows: " +
            $"{string.Join(", ", options.ReservedNames)}. Choose another.");
        Require(request.Count is > 0 and <= MaxScenes, "count",
            $"'count' is {request.Count}; it must be in [1, {MaxScenes}].");
        RequireText("axis", request.Axis, MaxAxisLength);
        RequireText("command", request.Command, MaxCommandLength);
        RequireObject("settings", request.Settings);
        RequireObject("options", request.Options);
        return request with { Method = name.Text };
    }

    private static void Check(Run run, SceneAnswer answer)
    {
        Require(answer.Scene >= 0 && answer.Scene < run.Request.Count, "scene",
            $"'scene' is {answer.Scene}; the run has scenes 0 to {run.Request.Count - 1}.");
        Require(answer.Step is >= 0 and < 100, "step", $"'step' is {answer.Step}; it must be in [0, 99].");
        Require(answer.Text.Length <= MaxAnswerLength, "answer",
            $"'answer' has {answer.Text.Length} characters; at most {MaxAnswerLength}.");
        Require(!answer.Text.Contains('\0'), "answer", "'answer' holds the character U+0000; leave it out.");
        Require(double.IsNaN(answer.Confidence) || answer.Confidence is >= 0 and <= 1, "confidence",
            $"'confidence' is {answer.Confidence}; it must be in [0, 1], or absent.");
    }

    private static void Require(bool holds, string field, string message)
    {
        if (!holds)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field, message);
        }
    }

    private static void RequireText(string field, string text, int longest)
    {
        Require(text.Length <= longest, field, $"'{field}' has {text.Length} characters; at most {longest}.");
        var control = text.FirstOrDefault(letter => char.IsControl(letter) && letter is not ('\n' or '\t'), ' ');
        Require(control == ' ', field, $"'{field}' holds the control character U+{(int)control:X4}; leave it out.");
    }

    // Of a name that stands twice readers take one or the other: neither is safe.
    private static void RequireObject(string field, string json)
    {
        Require(json.Length <= MaxSettingsLength, field,
            $"'{field}' has {json.Length} characters; at most {MaxSettingsLength}.");
        var fault = "it is another kind of value";
        try
        {
            using var document = json.Length == 0 ? null : JsonDocument.Parse(json, s_strict);
            if (document is null || document.RootElement.ValueKind == JsonValueKind.Object)
            {
                return;
            }
        }
        catch (Exception wrong) when (wrong is JsonException or InvalidOperationException)
        {
            fault = wrong.Message.TrimEnd('.');
        }

        Require(holds: false, field, $"'{field}' must be a JSON object, or empty; {fault}.");
    }
}
