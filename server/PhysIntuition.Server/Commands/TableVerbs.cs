namespace PhysIntuition.Server.Commands;

/// <summary><c>list</c> and <c>compare</c>: tables and paired tests, of a server or of a database.</summary>
internal static class TableVerbs
{
    private static readonly Option<Uri?> s_server = new("--server")
    {
        Description = "A server's HTTP address, for example http://127.0.0.1:8000. Without it the database is read.",
        CustomParser = RemoteLeaderboard.ReadAddress,
    };

    private static readonly Option<string> s_task = TextOption.Of("--task", "Only this task.");
    private static readonly Option<string> s_board = new("--task") { Description = "The task.", Required = true };
    private static readonly Option<string> s_suite = TextOption.Of("--suite", "The suite; none: the task as it is.");
    private static readonly Option<string> s_options = TextOption.Of("--options", "The options, as they were played.");
    private static readonly Option<string> s_season = TextOption.Of("--season", "The season; none: the newest.");

    private static readonly Argument<string[]> s_methods = new("methods")
    {
        Description = "Two or more methods, as `list` names them.",
        Arity = new ArgumentArity(2, 20),
    };

    public static Command List()
    {
        var command = new Command("list", "Print the tables: mean reward, 95 % interval, tests against the best agent.")
        {
            s_task, s_suite, s_options, s_season, s_server, LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, _) => UseAsync(arguments, source => ListAsync(source, arguments)));
        return command;
    }

    public static Command Compare()
    {
        var command = new Command("compare",
            "Paired tests between methods on the scenes that they have in common, corrected by Holm; once the season " +
            "is over.")
        {
            s_methods, s_board, s_suite, s_options, s_season, s_server, LocalLeaderboard.Folder,
            LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, _) => UseAsync(arguments, source => CompareAsync(source, arguments)));
        return command;
    }

    private static async Task ListAsync(Source source, ParseResult arguments)
    {
        var (task, season) = (arguments.GetValue(s_task)!, arguments.GetValue(s_season)!);
        var boards = task.Length > 0
            ? [new BoardInfo
            {
                Task = task, Suite = arguments.GetValue(s_suite)!, OptionsJson = arguments.GetValue(s_options)!,
            }]
            : (await source.Boards(season)).Boards.Where(board => board.Rows > 0);
        foreach (var board in boards)
        {
            var table = await source.Standings(new ListStandingsRequest
            {
                Task = board.Task, Suite = board.Suite, OptionsJson = board.OptionsJson, Season = season,
            });
            Print(table, arguments.Out());
        }
    }

    private static void Print(ListStandingsReply table, TextWriter output)
    {
        var board = table.Board;
        output.WriteLine($"{board.Task}{(board.Suite.Length > 0 ? $"/{board.Suite}" : "")} {board.OptionsJson}" +
            $"   {table.Season.Id}, {(table.Season.IsOpen ? "open: own scenes count" : "over: all scenes count")}");
        output.WriteLine($"  {"method",-28} {"kind",-10} {"mean",8} {"95 % interval",18} {"scenes",7} {"norm.",7} " +
            $"{"p",8}");
        foreach (var row in table.Rows)
        {
            var interval = row.Count == 0 ? "" : $"{row.Low:F3} to {row.High:F3}";
            var p = row.VersusBest is null ? "" : $"{row.PValue:G2}";
            output.WriteLine($"  {row.Method,-28} {row.Kind,-10} {row.Mean,8:F3} {interval,18} {row.Count,7} " +
                $"{row.Normalised,7:F3} {p,8}");
        }

        output.WriteLine();
    }

    private static async Task CompareAsync(Source source, ParseResult arguments)
    {
        var table = await source.Standings(new ListStandingsRequest
        {
            Task = arguments.GetValue(s_board)!,
            Suite = arguments.GetValue(s_suite)!,
            OptionsJson = arguments.GetValue(s_options)!,
            Season = arguments.GetValue(s_season)!,
        });
        var rows = arguments.GetValue(s_methods)!.Select(method => Find(table, method)).ToArray();
        var pairs = new List<(StandingRow First, StandingRow Second, PairedDifference Test)>();
        for (var i = 0; i < rows.Length; i++)
        {
            for (var k = i + 1; k < rows.Length; k++)
            {
                pairs.Add((rows[i], rows[k], (await source.Compare(rows[i].Run, rows[k].Run)).Difference));
            }
        }

        var adjusted = Holm.Adjust([.. pairs.Select(pair => pair.Test.PValue)]);
        var output = arguments.Out();
        output.WriteLine($"{"first",-24} {"second",-24} {"difference",10} {"95 % interval",18} {"scenes",7} " +
            $"{"p",8} {"p, Holm",8} test");
        foreach (var ((first, second, test), p) in pairs.Zip(adjusted))
        {
            output.WriteLine($"{first.Method,-24} {second.Method,-24} {test.Mean,10:F3} " +
                $"{$"{test.Low:F3} to {test.High:F3}",18} {test.Count,7} {test.PValue,8:G2} {p,8:G2} {test.Test}");
        }
    }

    private static StandingRow Find(ListStandingsReply table, string method) =>
        table.Rows.FirstOrDefault(row => row.Method == method && row.Run.Length > 0)
        ?? throw new PhysIntuitionException(Fault.NotFound, "methods", $"'{method}' has no run here; there is " +
            string.Join(", ", table.Rows.Where(row => row.Run.Length > 0).Select(row => $"'{row.Method}'")) + ".");

    private static async Task<int> UseAsync(ParseResult arguments, Func<Source, Task> work)
    {
        if (arguments.GetValue(s_server) is not { } server)
        {
            return await LocalLeaderboard.UseAsync(arguments, local => work(new Source(
                season => local.Tables.BoardsAsync(new ListBoardsRequest { Season = season }),
                local.Tables.StandingsAsync,
                (first, second) => local.Tables.CompareAsync(new() { First = first, Second = second }))));
        }

        using var remote = new RemoteLeaderboard(server);
        await work(new Source(
            season => remote.GetAsync<ListBoardsReply>($"boards?season={Escape(season)}"),
            request => remote.GetAsync<ListStandingsReply>($"standings?task={Escape(request.Task)}" +
                $"&suite={Escape(request.Suite)}&optionsJson={Escape(request.OptionsJson)}" +
                $"&season={Escape(request.Season)}"),
            (first, second) => remote.GetAsync<Comparison>($"compare?first={first}&second={second}")));
        return 0;
    }

    private static string Escape(string text) => Uri.EscapeDataString(text);

    private sealed record Source(
        Func<string, Task<ListBoardsReply>> Boards,
        Func<ListStandingsRequest, Task<ListStandingsReply>> Standings,
        Func<string, string, Task<Comparison>> Compare);
}
