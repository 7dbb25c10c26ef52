using System.Collections.Concurrent;
using PhysIntuition.Leaderboard.Storage;
using Board = PhysIntuition.Leaderboard.Board;
using Run = PhysIntuition.Leaderboard.Run;
using Transfer = PhysIntuition.Leaderboard.TransferMatrix;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>What anybody may look up: seasons, boards, tables, methods, result files.</summary>
internal sealed class TableCalls(LeaderboardHost host, RunScenes scenes)
{
    private const int DefaultFailures = 12;
    private const int MaxFailures = 48;

    private readonly ConcurrentDictionary<(string Season, BoardKey Board),
        ((string Season, bool IsOpen, int Runs) State, StandingRow[] Rows)> _tables = new();

    public async Task<ListSeasonsReply> SeasonsAsync()
    {
        var open = await host.OpenAsync();
        await open.Board.CurrentSeasonAsync();
        return new ListSeasonsReply
        {
            Seasons = { (await open.Store.SeasonsAsync()).Select(TableRows.Of) },
            PublicKey = Convert.ToHexStringLower(open.Key.PublicKey),
        };
    }

    public Task<ListBoardsReply> BoardsAsync(ListBoardsRequest request) => WithSeasonAsync(request.Season,
        async (open, season) =>
        {
            var played = (await open.Store.RunsAsync(season.Id, state: RunState.Closed))
                .ToLookup(run => BoardKey.Of(run.Request));
            var boards = TaskCatalog.All.Select(task => new BoardKey(task.Spec.Id, "", ""))
                .Concat(played.Select(group => group.Key).Order()).Distinct();
            return new ListBoardsReply
            {
                Season = TableRows.Of(season),
                Boards =
                {
                    boards.Select(board =>
                        TableRows.Of(board, RowsOf(played[board]) + Published(board).Count())),
                },
            };
        });

    public Task<ListStandingsReply> StandingsAsync(ListStandingsRequest request) => WithSeasonAsync(request.Season,
        async (open, season) =>
        {
            var spec = TaskCatalog.Find(request.Task).Spec;
            var suite = request.Suite.Length == 0 ? "" : SuiteCatalog.Find(spec, request.Suite).Suite!.Name;
            var board = new BoardKey(spec.Id, suite, OptionsReader.Canonical(spec, request.OptionsJson));
            var rows = await RowsAsync(open, season, board);
            return new ListStandingsReply
            {
                Season = TableRows.Of(season),
                Board = TableRows.Of(board, rows.Count),
                Rows = { rows },
            };
        });

    public Task<MethodDetail> MethodAsync(GetMethodRequest request) => WithSeasonAsync(request.Season,
        async (open, season) =>
        {
            var kind = request.Kind.Length == 0 ? "agent" : request.Kind.ToLowerInvariant();
            var method = kind == "human" ? "" : request.Method; // People are one row, whatever they call themselves.
            var runs = (await ScoredAsync(open, season, method: method))
                .Where(run => TableRows.KindOf(run.Run.Request.Kind) == kind).ToArray();
            if (runs.Length == 0)
            {
                Throw.NotFound("method", "UNKNOWN_METHOD", $"No {kind} '{request.Method}' has a closed run in " +
                    $"{season.Id}. ListBoards and ListStandings tell who has.");
            }

            var rows = new List<StandingRow>();
            foreach (var board in runs.Select(run => BoardKey.Of(run.Run.Request)).Distinct().Order())
            {
                rows.AddRange((await RowsAsync(open, season, board))
                    .Where(row => row.Kind == kind && (method.Length == 0 || row.Method == method)));
            }

            return new MethodDetail
            {
                Method = method.Length == 0 ? StandingsTable.People : method,
                Kind = kind,
                Season = TableRows.Of(season),
                Rows = { rows },
                Axes = { TableRows.AxesOf(rows) },
                Transfer = TableRows.Of(Transfer.Of(runs, AnchorsOf)),
            };
        });

    public Task<V1.TransferMatrix> TransferAsync(GetTransferMatrixRequest request) => WithSeasonAsync(request.Season,
        async (open, season) => TableRows.Of(Transfer.Of(
            await ScoredAsync(open, season), AnchorsOf, request.Method.Length == 0 ? null : request.Method)));

    public async Task<Comparison> CompareAsync(CompareRunsRequest request)
    {
        var open = await host.OpenAsync();
        var (first, second) = (await ClosedAsync(open, request.First), await ClosedAsync(open, request.Second));
        if (first.Season != second.Season || BoardKey.Of(first.Request) != BoardKey.Of(second.Request))
        {
            Throw.OutOfRange("second", request.Second, $"it played {second.Request.Board} in {second.Season}, the " +
                $"first {first.Request.Board} in {first.Season}", "Compare runs of one board and season.");
        }

        var season = await SeasonAsync(open, first.Season);
        var test = StandingsTable.Compare(await LoadAsync(open, first, season), await LoadAsync(open, second, season));
        if (test is null)
        {
            Throw.OutOfOrder("season", "SEASON_OPEN", $"{season.Id} is open: scenes that runs have in common count " +
                "when it is over. Close the season first.");
        }

        return new Comparison { Difference = TableRows.Of(test!.Value) };
    }

    /// <summary>The signed result file; rewards by scene stay out of it until the season is over.</summary>
    public async Task<GetResultReply> ResultAsync(GetResultRequest request)
    {
        var open = await host.OpenAsync();
        var file = await ResultFiles.OfAsync(open, await ClosedAsync(open, request.Run));
        return new GetResultReply { Json = file.Json };
    }

    /// <summary>Only own scenes are shown: nobody else meets them, so that they help nobody.</summary>
    public async Task<ListFailuresReply> FailuresAsync(ListFailuresRequest request)
    {
        if (request.Limit > MaxFailures)
        {
            Throw.OutOfRange("limit", request.Limit, $"it must be in [1, {MaxFailures}]", "Ask for fewer.");
        }

        var open = await host.OpenAsync();
        var run = await ClosedAsync(open, request.Run);
        var best = TaskCatalog.Find(run.Request.Task).Spec.Anchors.Perfect;
        var worst = (await open.Store.ResultsAsync(run.Id))
            .Where(result => !run.IsCommon(result.Scene) && result.Steps > 0 && result.Reward < best)
            .OrderBy(result => result.Reward)
            .Take(request.Limit == 0 ? DefaultFailures : (int)request.Limit);
        return await scenes.FailuresAsync(open, run, [.. worst], request);
    }

    // Rows change only when a run is closed or the season ends, so a table is computed once for each number of runs.
    private async Task<IReadOnlyList<StandingRow>> RowsAsync(OpenLeaderboard open, Season season, BoardKey board)
    {
        var count = (await open.Store.RunsAsync(season.Id, board.Task, RunState.Closed)).Count;
        var state = (season.Id, season.IsOpen, count);
        if (_tables.TryGetValue((season.Id, board), out var known) && known.State == state)
        {
            return known.Rows;
        }

        var runs = (await ScoredAsync(open, season, board.Task))
            .Where(run => BoardKey.Of(run.Run.Request) == board).ToArray();
        StandingRow[] rows = [.. TableRows.InOrder(
            StandingsTable.Rank(runs, AnchorsOf(board.Task)).Select(TableRows.Of).Concat(Published(board)))];
        _tables[(season.Id, board)] = (state, rows);
        return rows;
    }

    private static IEnumerable<StandingRow> Published(BoardKey board) =>
        board.Suite.Length > 0 || board.Options.Length > 0 ? [] : PublishedFigure.All
            .Where(figure => figure.Task == board.Task)
            .Select(figure => TableRows.Of(figure, AnchorsOf(board.Task)));

    private static int RowsOf(IEnumerable<Run> runs) => runs.Select(StandingsTable.RowOf).Distinct().Count();

    private static async Task<List<ScoredRun>> ScoredAsync(
        OpenLeaderboard open, Season season, string task = "", string method = "") =>
        (await open.Store.ClosedAsync(season.Id, task, method)).ConvertAll(closed =>
            new ScoredRun(closed.Run, Board.Counted(closed.Run, closed.Results, season.IsOpen), closed.Confident)
            {
                Last = closed.Last,
            });

    private static async Task<ScoredRun> LoadAsync(OpenLeaderboard open, Run run, Season season) =>
        new(run, Board.Counted(run, await open.Store.ResultsAsync(run.Id), season.IsOpen), []);

    private static async Task<Run> ClosedAsync(OpenLeaderboard open, string id)
    {
        var run = await open.Store.FindRunAsync(id);
        if (run is not { State: RunState.Closed })
        {
            Throw.NotFound("run", "UNKNOWN_RUN", $"There is no closed run '{id}'. Close it first, or check its id.");
        }

        return run!;
    }

    private static async Task<Season> SeasonAsync(OpenLeaderboard open, string id)
    {
        var current = await open.Board.CurrentSeasonAsync();
        var season = id.Length == 0 ? current
            : (await open.Store.SeasonsAsync()).SingleOrDefault(season => season.Id == id);
        if (season is null)
        {
            Throw.NotFound("season", "UNKNOWN_SEASON", $"There is no season '{id}'; ListSeasons names them.");
        }

        return season!;
    }

    private async Task<T> WithSeasonAsync<T>(string id, Func<OpenLeaderboard, Season, Task<T>> work)
    {
        var open = await host.OpenAsync();
        return await work(open, await SeasonAsync(open, id));
    }

    private static Anchors AnchorsOf(string task)
    {
        var anchors = TaskCatalog.Find(task).Spec.Anchors;
        return new Anchors(anchors.Random, anchors.Perfect);
    }
}

/// <summary>Rows that may be compared.</summary>
internal readonly record struct BoardKey(string Task, string Suite, string Options) : IComparable<BoardKey>
{
    public static BoardKey Of(RunSpec request) => new(request.Task, request.Suite, Canonical(request));

    // Runs of earlier versions may hold defaults, or options that are none any more.
    private static string Canonical(RunSpec request)
    {
        try
        {
            return request.Options.Length == 0
                ? ""
                : OptionsReader.Canonical(TaskCatalog.Find(request.Task).Spec, request.Options);
        }
        catch (PhysIntuitionException)
        {
            return request.Options;
        }
    }

    public int CompareTo(BoardKey other) =>
        string.CompareOrdinal($"{Task}\n{Suite}\n{Options}", $"{other.Task}\n{other.Suite}\n{other.Options}");
}
