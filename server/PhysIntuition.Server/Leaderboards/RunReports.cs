using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Signing;
using PhysIntuition.Leaderboard.Standings;
using PhysIntuition.Leaderboard.Statistics;
using PhysIntuition.Server.Faults;
using PhysIntuition.V1;
using Run = PhysIntuition.Leaderboard.Runs.Run;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Scores, tables and result files.</summary>
internal sealed class RunReports
{
    /// <summary>What a closed run is told: nothing that would help another run of the season.</summary>
    public static async Task<RunScore> ScoreAsync(OpenLeaderboard open, Run run, IReadOnlyList<SceneResult> all)
    {
        var results = Board.Counted(all, await IsOpenAsync(open, run.Season));
        var score = Interval.Of([.. results.Select(result => result.Reward)]);
        return new RunScore
        {
            Mean = score.Mean,
            Low = score.Low,
            High = score.High,
            Count = (uint)score.Count,
            Unanswered = (uint)results.Count(result => result.Steps == 0),
            Digest = Digest(results),
        };
    }

    /// <summary>The table of one task.</summary>
    public async Task<ListStandingsReply> StandingsAsync(OpenLeaderboard open, ListStandingsRequest request)
    {
        var task = TaskCatalog.Find(request.Task).Spec;
        var season = request.Season.Length > 0 ? request.Season : (await open.Board.CurrentSeasonAsync()).Id;
        var isOpen = await IsOpenAsync(open, season);
        var runs = new List<ScoredRun>();
        foreach (var run in await open.Store.RunsAsync(season, task.Id, RunState.Closed))
        {
            if (run.Request.Options == request.OptionsJson)
            {
                runs.Add(await LoadAsync(open, run, isOpen));
            }
        }

        var table = StandingsTable.Rank(runs, new Anchors(task.Anchors.Random, task.Anchors.Perfect));
        return new ListStandingsReply { Rows = { table.Select(ToRow) } };
    }

    /// <summary>The signed result file; rewards by scene stay out of it until the season is over.</summary>
    public async Task<string> ResultAsync(OpenLeaderboard open, string id)
    {
        var run = await open.Store.FindRunAsync(id);
        if (run is not { State: RunState.Closed, ClosedAt: { } closedAt })
        {
            Throw.NotFound("run", "UNKNOWN_RUN", $"There is no closed run '{id}'. Close it first, or check its id.");
            throw new System.Diagnostics.UnreachableException();
        }

        var season = (await open.Store.SeasonsAsync()).Single(season => season.Id == run.Season);
        var scored = await LoadAsync(open, run, season.IsOpen);
        return new ResultFile
        {
            Run = run.Id,
            Season = season.Id,
            Commitment = season.Commitment,
            Request = run.Request with { Owner = "" },
            ClosedAt = closedAt,
            Provenance = run.Provenance,
            Score = Interval.Of(scored.Rewards),
            Scenes = season.IsOpen ? [] : scored.Results,
            Answers = season.IsOpen ? [] : scored.Answers,
        }.SignedBy(open.Key).ToJson();
    }

    private static async Task<ScoredRun> LoadAsync(OpenLeaderboard open, Run run, bool isSeasonOpen) => new(
        run,
        Board.Counted(await open.Store.ResultsAsync(run.Id), isSeasonOpen),
        await open.Store.AnswersAsync(run.Id));

    private static async Task<bool> IsOpenAsync(OpenLeaderboard open, string id) =>
        (await open.Store.SeasonsAsync()).SingleOrDefault(season => season.Id == id)?.IsOpen ?? true;

    private static StandingRow ToRow(Standing standing) => new()
    {
        Method = standing.Request.Method,
        Kind = standing.Request.Kind.ToString().ToLowerInvariant(),
        Run = standing.Run,
        Mean = standing.Score.Mean,
        Low = standing.Score.Low,
        High = standing.Score.High,
        Count = (uint)standing.Score.Count,
        Normalised = standing.Normalised,
        Attempts = (uint)standing.Attempts,
        BestOfAttempts = standing.BestOfAttempts,
        PValue = standing.AdjustedP,
        TrainedOn = standing.Request.TrainedOn,
        Axis = standing.Request.Axis,
    };

    private static string Digest(IEnumerable<SceneResult> results)
    {
        var text = string.Join('\n', results.Select(result => string.Create(
            CultureInfo.InvariantCulture, $"{result.Scene} {result.SceneHash} {result.Reward:R}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
