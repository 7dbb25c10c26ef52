using System.Security.Cryptography;
using Grpc.Core;
using PhysIntuition.Environments.Episodes;
using Interval = PhysIntuition.Leaderboard.Interval;
using Run = PhysIntuition.Leaderboard.Run;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Held-out runs, whichever way the call came: gRPC, HTTP and the command line all end here.</summary>
/// <remarks>What is kept in memory between calls can be made again from what is stored.</remarks>
internal sealed class RunCalls(LeaderboardHost host, RunScenes scenes, IOptions<LeaderboardOptions> options)
{
    private const int DefaultCount = 200;
    private const int ScenesOfACall = 50; // what a run costs besides: nobody shall fill the disk with empty ones

    // Scenes that a caller may have opened and scored, weighed by what they cost.
    private readonly BurstLimit _opened = new(
        options.Value.ScenesPerSecond, burstSeconds: 150, periodSeconds: 1, nameof(LeaderboardOptions.ScenesPerSecond));

    /// <summary>Opens a run.</summary>
    /// <param name="request">What is played.</param>
    /// <param name="caller">Whose it is, unless the request claims it for a key.</param>
    /// <param name="kind">Who plays; callers cannot claim to be anything but an agent.</param>
    public async Task<OpenRunReply> OpenAsync(
        OpenRunRequest request, RunCaller caller, PlayerKind kind = PlayerKind.Agent)
    {
        var open = await host.OpenAsync();
        var wanted = ToRequest(request) with { Kind = kind };
        if (request.Claim is not null)
        {
            await CheckClaimAsync(open, request);
        }

        _opened.Take(caller.Key, wanted.Count + ScenesOfACall);
        var format = request.PictureWidth == 0 && request.PictureHeight == 0 ? (FrameFormat?)null
            : scenes.Format(request.PictureWidth, request.PictureHeight, "picture_");
        var owner = caller.Owner.Length > 0 ? caller.Owner : request.Claim is { } claim ? NameClaim.OwnerOf(claim) : "";
        var (run, token) = await open.Board.OpenAsync(wanted with { Owner = owner }, request.Claim);
        scenes.Begin(open, run, format);
        return new OpenRunReply { Run = run.Id, Token = token, Status = Status(run, []) };
    }

    public Task<RunStatus> GetAsync(GetRunRequest request) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
            Status(run, await open.Store.AnswersAsync(run.Id)));

    public Task<NextScene> NextAsync(GetNextRequest request) =>
        WithRunAsync(request.Run, request.Token, (open, run) => scenes.NextAsync(open, run, request));

    /// <summary>The next scene for a person, who points where a program counts. A run of a program is not found: sizes
    /// and places as numbers are no part of what it may see.</summary>
    public Task<(NextScene Scene, Aim? Aim)> NextForPersonAsync(GetNextRequest request) =>
        WithRunAsync(request.Run, request.Token, (open, run) => run.Request.Kind == PlayerKind.Human
            ? scenes.NextWithAimAsync(open, run, request)
            : throw Board.Unknown());

    public Task<ObserveRunReply> ObserveAsync(ObserveRunRequest request) =>
        WithRunAsync(request.Run, request.Token, (open, run) => scenes.ObserveAsync(open, run, request));

    public Task<AnswerReply> AnswerAsync(AnswerRequest request) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
        {
            var steps = TaskCatalog.Find(run.Request.Task).Spec.MaxSteps;
            var answers = request.Answers.Select(answer => ToAnswer(answer, steps)).ToArray();
            var accepted = await open.Board.AnswerAsync(run, answers);
            await scenes.AnsweredAsync(open, run, answers.Select(answer => answer.Scene));
            return new AnswerReply { Accepted = (uint)accepted };
        });

    public Task<RunScore> CloseAsync(CloseRunRequest request, RunCaller caller, CancellationToken cancel) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
        {
            _opened.Take(caller.Key, ScenesOfACall + (run.State == RunState.Closed ? 0 : run.Request.Count));
            var all = await open.Board.CloseAsync(run, cancel, request.UsageJson);
            var season = (await open.Store.SeasonsAsync()).Single(season => season.Id == run.Season);
            return Score(Board.Counted(run, all, season.IsOpen));
        });

    private static RunSpec ToRequest(OpenRunRequest request)
    {
        var spec = TaskCatalog.Find(request.Task).Spec;
        if (!spec.Splits.Contains(Split.Heldout))
        {
            Throw.OutOfRange("task", spec.Id, $"it has the splits {string.Join(", ", spec.Splits)}".ToLowerInvariant() +
                ", and runs play held-out scenes", "Choose another task.");
        }

        var suite = request.Suite.Length == 0 ? null : SuiteCatalog.Find(spec, $"heldout/{request.Suite}").Suite!;
        return new RunSpec
        {
            Method = request.Method,
            Task = spec.Id,
            Suite = suite?.Name ?? "",
            Options = OptionsReader.Canonical(spec, request.OptionsJson),
            Count = request.Count == 0 ? DefaultCount : (int)Math.Min(request.Count, int.MaxValue),
            Axis = request.Axis.Length > 0 ? request.Axis : suite?.Axis ?? "",
            TrainedOn = TrainedOn(request.TrainedOn),
            Settings = request.SettingsJson,
            Command = request.Command,
        };
    }

    private static async Task CheckClaimAsync(OpenLeaderboard open, OpenRunRequest request)
    {
        var season = await open.Board.CurrentSeasonAsync();
        if (!NameClaim.Fits(request, season.Commitment))
        {
            Throw.NotAllowed("claim", "WRONG_SIGNATURE",
                $"'claim' is not signed by its key over this request in {season.Id}, whose commitment is " +
                $"{season.Commitment}. Sign what leaderboard.proto says, or leave the claim out.");
        }
    }

    private static string TrainedOn(string id)
    {
        var task = TaskCatalog.FindOrNull(id);
        if (task is null && id.Length > 0)
        {
            Throw.OutOfRange("trained_on", id, "it must be a task of this server", "Name one of them, or none.");
        }

        return task?.Spec.Id ?? "";
    }

    private static SceneAnswer ToAnswer(RunAnswer answer, int steps)
    {
        if (answer.Step >= steps)
        {
            Throw.OutOfRange("step", answer.Step, $"episodes of this task take {steps} answers, steps 0 to {steps - 1}",
                "Go on with the next scene.");
        }

        return new SceneAnswer((int)Math.Min(answer.Scene, int.MaxValue), (int)answer.Step, answer.Text,
            answer.HasConfidence ? answer.Confidence : double.NaN);
    }

    // What a closed run is told: nothing that would help another run of the season.
    private static RunScore Score(IReadOnlyList<SceneResult> results)
    {
        var score = results.Count == 0 ? default : Interval.Of([.. results.Select(result => result.Reward)]);
        return new RunScore
        {
            Mean = score.Mean,
            Low = score.Low,
            High = score.High,
            Count = (uint)score.Count,
            Unanswered = (uint)results.Count(result => result.Steps == 0),
            Digest = RunDigest.Of(results),
        };
    }

    private static RunStatus Status(Run run, IReadOnlyList<SceneAnswer> answers)
    {
        var answered = new byte[run.Request.Count];
        foreach (var answer in answers)
        {
            answered[answer.Scene]++;
        }

        return new RunStatus
        {
            Run = run.Id,
            Season = run.Season,
            Method = run.Request.Method,
            Task = run.Request.Task,
            Suite = run.Request.Suite,
            OptionsJson = run.Request.Options,
            Count = (uint)run.Request.Count,
            State = run.State.ToString().ToLowerInvariant(),
            DeadlineUnixMs = new DateTimeOffset(run.Deadline).ToUnixTimeMilliseconds(),
            Answered = UnsafeByteOperations.UnsafeWrap(answered),
            MaxSteps = (uint)TaskCatalog.Find(run.Request.Task).Spec.MaxSteps,
        };
    }

    private async Task<T> WithRunAsync<T>(string id, string token, Func<OpenLeaderboard, Run, Task<T>> work)
    {
        var open = await host.OpenAsync();
        return await work(open, await open.Board.AuthenticateAsync(id, token));
    }
}

/// <summary>One hash over all scores of a run, by which two servers see that they agree.</summary>
internal static class RunDigest
{
    /// <summary>SHA-256, hex, over a line "scene hash reward" for each scene.</summary>
    public static string Of(IEnumerable<SceneResult> results)
    {
        var text = string.Join('\n', results.Select(result => string.Create(
            CultureInfo.InvariantCulture, $"{result.Scene} {result.SceneHash} {result.Reward:R}")));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}

/// <summary>Who opens and closes runs.</summary>
/// <param name="Owner">Whose the runs are: the name of an API token; empty where none is asked for.</param>
/// <param name="Address">Where the call comes from.</param>
internal sealed record RunCaller(string Owner, string Address)
{
    /// <summary>Whose rate the call counts against.</summary>
    public string Key => Owner.Length > 0 ? Owner : Address;

    /// <summary>The caller of a request that came through the gate.</summary>
    public static RunCaller Of(HttpContext http) =>
        new(http.Caller() is { IsEverybody: false } token ? token.Name : "", AddressOf(http));

    /// <inheritdoc cref="Of(HttpContext)"/>
    public static RunCaller Of(ServerCallContext context) => Of(context.GetHttpContext());

    /// <summary>A person on the page, who needs no token.</summary>
    public static RunCaller Person(HttpContext http) => new("people", AddressOf(http));

    private static string AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "";
}
