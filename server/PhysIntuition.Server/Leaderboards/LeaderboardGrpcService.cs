using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Standings;
using PhysIntuition.V1;
using Run = PhysIntuition.Leaderboard.Runs.Run;
using RunRequest = PhysIntuition.Leaderboard.Runs.RunRequest;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Held-out runs over gRPC. Nothing of a run is kept in memory between calls.</summary>
internal sealed class LeaderboardGrpcService(LeaderboardHost host, RunScenes scenes, RunReports reports)
    : LeaderboardService.LeaderboardServiceBase
{
    private const int DefaultCount = 200;

    public override async Task<ListSeasonsReply> ListSeasons(ListSeasonsRequest request, ServerCallContext context)
    {
        var open = await host.OpenAsync();
        await open.Board.CurrentSeasonAsync();
        var seasons = await open.Store.SeasonsAsync();
        return new ListSeasonsReply
        {
            Seasons =
            {
                seasons.Select(season => season.Published).Select(season => new SeasonInfo
                {
                    Id = season.Id,
                    Commitment = season.Commitment,
                    Secret = season.Secret,
                    IsOpen = season.IsOpen,
                }),
            },
        };
    }

    public override Task<OpenRunReply> OpenRun(OpenRunRequest request, ServerCallContext context) =>
        LeaderboardFaults.TranslateAsync(async () =>
        {
            var task = TaskCatalog.Find(request.Task);
            OptionsReader.Read(task.Spec, request.OptionsJson);
            var open = await host.OpenAsync();
            var (run, token) = await open.Board.OpenAsync(new RunRequest
            {
                Method = request.Method,
                Task = task.Spec.Id,
                Options = request.OptionsJson,
                Count = request.Count == 0 ? DefaultCount : (int)Math.Min(request.Count, int.MaxValue),
                Axis = request.Axis,
                TrainedOn = request.TrainedOn,
                Settings = request.SettingsJson,
            });
            return new OpenRunReply { Run = run.Id, Token = token, Status = Status(run, []) };
        });

    public override Task<RunStatus> GetRun(GetRunRequest request, ServerCallContext context) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
            Status(run, await open.Store.AnswersAsync(run.Id)));

    public override Task<ObserveRunReply> Observe(ObserveRunRequest request, ServerCallContext context) =>
        WithRunAsync(request.Run, request.Token, (open, run) => scenes.ObserveAsync(open, run, request));

    public override Task<AnswerReply> Answer(AnswerRequest request, ServerCallContext context) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
        {
            var reply = new AnswerReply();
            foreach (var answer in request.Answers)
            {
                var isNew = await open.Board.AnswerAsync(run, new Answer(
                    (int)Math.Min(answer.Scene, int.MaxValue), (int)Math.Min(answer.Step, int.MaxValue), answer.Text,
                    answer.HasConfidence ? answer.Confidence : double.NaN));
                reply.Accepted += isNew ? 1u : 0u;
            }

            return reply;
        });

    public override Task<RunScore> CloseRun(CloseRunRequest request, ServerCallContext context) =>
        WithRunAsync(request.Run, request.Token, async (open, run) =>
            await RunReports.ScoreAsync(open, run, await open.Board.CloseAsync(run, context.CancellationToken)));

    public override Task<ListStandingsReply> ListStandings(ListStandingsRequest request, ServerCallContext context) =>
        LeaderboardFaults.TranslateAsync(async () => await reports.StandingsAsync(await host.OpenAsync(), request));

    public override Task<GetResultReply> GetResult(GetResultRequest request, ServerCallContext context) =>
        LeaderboardFaults.TranslateAsync(async () => new GetResultReply
        {
            Json = await reports.ResultAsync(await host.OpenAsync(), request.Run),
        });

    private Task<T> WithRunAsync<T>(string id, string token, Func<OpenLeaderboard, Run, Task<T>> work) =>
        LeaderboardFaults.TranslateAsync(async () =>
        {
            var open = await host.OpenAsync();
            return await work(open, await open.Board.AuthenticateAsync(id, token));
        });

    private static RunStatus Status(Run run, IReadOnlyList<Answer> answers)
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
            Task = run.Request.Task,
            Count = (uint)run.Request.Count,
            State = run.State.ToString().ToLowerInvariant(),
            DeadlineUnixMs = new DateTimeOffset(run.Deadline).ToUnixTimeMilliseconds(),
            Answered = UnsafeByteOperations.UnsafeWrap(answered),
            MaxSteps = (uint)TaskCatalog.Find(run.Request.Task).Spec.MaxSteps,
        };
    }
}
