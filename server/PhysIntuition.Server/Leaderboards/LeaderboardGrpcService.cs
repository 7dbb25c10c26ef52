using Grpc.Core;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>The leaderboard over gRPC.</summary>
[NeededScope(Scopes.None)]
internal sealed class LeaderboardGrpcService(RunCalls runs, TableCalls tables)
    : LeaderboardService.LeaderboardServiceBase
{
    public override Task<ListSeasonsReply> ListSeasons(ListSeasonsRequest request, ServerCallContext context) =>
        tables.SeasonsAsync();

    [NeededScope(Scopes.Score)]
    public override Task<OpenRunReply> OpenRun(OpenRunRequest request, ServerCallContext context) =>
        runs.OpenAsync(request, RunCaller.Of(context));

    [NeededScope(Scopes.Score)]
    public override Task<RunStatus> GetRun(GetRunRequest request, ServerCallContext context) => runs.GetAsync(request);

    [NeededScope(Scopes.Score)]
    public override Task<NextScene> GetNext(GetNextRequest request, ServerCallContext context) =>
        runs.NextAsync(request);

    [NeededScope(Scopes.Score)]
    public override Task<ObserveRunReply> Observe(ObserveRunRequest request, ServerCallContext context) =>
        runs.ObserveAsync(request);

    [NeededScope(Scopes.Score)]
    public override Task<AnswerReply> Answer(AnswerRequest request, ServerCallContext context) =>
        runs.AnswerAsync(request);

    [NeededScope(Scopes.Score)]
    public override Task<RunScore> CloseRun(CloseRunRequest request, ServerCallContext context) =>
        runs.CloseAsync(request, RunCaller.Of(context), context.CancellationToken);

    public override Task<ListBoardsReply> ListBoards(ListBoardsRequest request, ServerCallContext context) =>
        tables.BoardsAsync(request);

    public override Task<ListStandingsReply> ListStandings(ListStandingsRequest request, ServerCallContext context) =>
        tables.StandingsAsync(request);

    public override Task<GetResultReply> GetResult(GetResultRequest request, ServerCallContext context) =>
        tables.ResultAsync(request);

    public override Task<MethodDetail> GetMethod(GetMethodRequest request, ServerCallContext context) =>
        tables.MethodAsync(request);

    public override Task<V1.TransferMatrix> GetTransferMatrix(
        GetTransferMatrixRequest request, ServerCallContext context) => tables.TransferAsync(request);

    public override Task<Comparison> CompareRuns(CompareRunsRequest request, ServerCallContext context) =>
        tables.CompareAsync(request);

    public override Task<ListFailuresReply> ListFailures(ListFailuresRequest request, ServerCallContext context) =>
        tables.FailuresAsync(request);
}
