using System.Diagnostics;
using Google.Protobuf;
using Spectre.Console;

namespace PhysIntuition.Evaluation.Play;

/// <summary>A leaderboard on which the scripted players play held-out runs of every task.</summary>
/// <param name="folder">Where its database is; kept, so that the next demonstration only adds what is missing.</param>
internal sealed class DemoLeaderboard(string folder)
{
    /// <summary>Path of its page.</summary>
    public const string Page = "/leaderboard";

    private static readonly string[] s_players =
        ["chance", "constant", "vision", "noisy geometry", "geometry", "expert"];

    private static readonly JsonParser s_reader = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    /// <summary>What makes a server use it.</summary>
    public string[] ServerOptions => ["--set", $"Leaderboard:Folder={folder}", "--set", "Leaderboard:BaselineScenes=0"];

    /// <summary>The command that serves it.</summary>
    public string ServeCommand =>
        $"./physintuition serve --set Leaderboard:Folder={Path.GetRelativePath(Environment.CurrentDirectory, folder)}";

    /// <summary>Lets the players play what they have not played yet.</summary>
    public Task PlayAsync(int scenes, CancellationToken cancellation) =>
        AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("Scripted players fill the leaderboard").IsIndeterminate();
            using var players = Process.Start(new ProcessStartInfo("dotnet",
                [Checkout.Program("PhysIntuition.Server"), "leaderboard", "baselines", "--folder", folder, "--scenes",
                    $"{scenes}"])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            using var stop = cancellation.Register(() => players.Kill(entireProcessTree: true));
            var errors = players.StandardError.ReadToEndAsync();
            await players.StandardOutput.ReadToEndAsync();
            await players.WaitForExitAsync();
            cancellation.ThrowIfCancellationRequested();
            if (players.ExitCode != 0)
            {
                throw new PlayException($"The scripted players failed:\n{await errors}");
            }

            task.IsIndeterminate(false).Value = 100;
        });

    /// <summary>Mean reward of each player on each task, as the server's leaderboard has it.</summary>
    public static async Task<Table> TableAsync(Uri server)
    {
        using var http = new HttpClient(ServerAddress.CreateHandler(server))
        {
            BaseAddress = new Uri(server, "/api/leaderboard/"),
        };
        var boards = s_reader.Parse<ListBoardsReply>(await http.GetStringAsync("boards"));
        var table = new Table().Border(TableBorder.Rounded)
            .Title($"Leaderboard, {boards.Season.Id}: mean reward on held-out scenes")
            .AddColumn(new TableColumn("Task").NoWrap());
        foreach (var player in s_players)
        {
            table.AddColumn(new TableColumn(player.Split(' ')[0]).RightAligned().Padding(1, 0));
        }

        foreach (var board in boards.Boards.Where(board => board is { Suite: "", OptionsJson: "" }))
        {
            var json = await http.GetStringAsync($"standings?task={board.Task}");
            var rows = s_reader.Parse<ListStandingsReply>(json).Rows;
            if (board.TakesRuns)
            {
                table.AddRow([board.Task, .. s_players.Select(player => Cell(rows, player))]);
            }

            var published = rows.Where(row => row.Kind == "published").Select(row => $"{row.Method} {row.Mean:F3}");
            if (published.Any())
            {
                table.Caption($"{board.Task} holds published figures: {string.Join(", ", published)}");
            }
        }

        return table;
    }

    private static string Cell(IEnumerable<StandingRow> rows, string player) =>
        rows.FirstOrDefault(row => row.Kind == "baseline" && row.Method == player) is { } row ? $"{row.Mean:F3}" : "-";
}
