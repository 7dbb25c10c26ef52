using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Environments.Options;
using Spectre.Console;

namespace PhysIntuition.Evaluation.Play;

/// <summary><c>demo</c>: a server, two clients, three agents, two tasks; a table, a sheet, a page; and a leaderboard
/// on which the scripted players have played every task.</summary>
internal static class DemoCommand
{
    private static readonly string[] s_tasks = ["Stability-v1", "Offset-v1"];

    private static readonly Option<int> s_episodes =
        NumberOption.Of("--episodes", "Episodes for each task, agent and client.", 64, new(1, 1024));

    private static readonly Option<DirectoryInfo> s_output = new("--out", "--output")
    {
        Description = "Folder for the sheet and the page.",
        DefaultValueFactory = _ => new DirectoryInfo("demo-output"),
    };

    private static readonly Option<int> s_scenes = NumberOption.Of(
        "--scenes", "Scenes of each run of the scripted players on the leaderboard.", 40, new(1, 10_000));

    private static readonly Option<bool> s_serve = new("--serve")
    {
        Description = "Keep serving at the end, on the usual ports, until Ctrl-C.",
    };

    public static Command Create()
    {
        var command = new Command("demo", "Serve, play, and show what happened.")
        {
            s_episodes, s_scenes, s_output, s_serve,
        };
        command.SetAction((arguments, cancellation) => RunAsync(
            arguments.GetValue(s_episodes), arguments.GetValue(s_scenes), arguments.GetValue(s_output)!,
            arguments.GetValue(s_serve), cancellation));
        return command;
    }

    private static async Task RunAsync(
        int episodes, int scenes, DirectoryInfo output, bool serves, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        output.Create();
        var board = new DemoLeaderboard(Path.Combine(output.FullName, "leaderboard"));
        string[] ports = serves ? [] : ["--port", "0"];
        await using var server = await OwnServer.StartAsync([.. ports, .. board.ServerOptions]);
        AnsiConsole.MarkupLineInterpolated($"The server listens on [bold]{server.Address.Authority}[/].");
        await using var client = await PhysIntuitionClient.ConnectAsync(new ClientOptions { Address = server.Address });

        var results = await PlayAllAsync(client, server.Address, episodes, cancellation);
        AnsiConsole.Write(ScoreTable.Of(results));
        var agreement = Agreement.Check(results);
        AnsiConsole.WriteLine(agreement);

        var sheet = Path.Combine(output.FullName, "sheet.png");
        await SheetPainter.PaintAsync(client, s_tasks, sheet);
        var page = Path.Combine(output.FullName, "index.html");
        DemoPage.Write(page, results, "sheet.png", agreement);
        AnsiConsole.WriteLine($"Pictures: {sheet}");
        AnsiConsole.WriteLine($"Page:     {page}");
        await board.PlayAsync(scenes, cancellation);
        AnsiConsole.Write(await DemoLeaderboard.TableAsync(server.HttpAddress));
        AnsiConsole.WriteLine($"All of it took {clock.Elapsed.TotalSeconds:F0} s. Try next:\n{DemoPage.TryNext}");
        AnsiConsole.WriteLine(serves
            ? $"Leaderboard: {new Uri(server.HttpAddress, DemoLeaderboard.Page)} (serving until Ctrl-C)"
            : $"Leaderboard: http://127.0.0.1:8000{DemoLeaderboard.Page} after\n  {board.ServeCommand}\n" +
              "(or ./physintuition demo --serve, which goes on serving)");
        if (serves)
        {
            await server.WaitAsync(cancellation);
        }
    }

    private static Task<List<AgentResult>> PlayAllAsync(
        PhysIntuitionClient client, Uri address, int episodes, CancellationToken cancellation) =>
        AnsiConsole.Progress().StartAsync(async progress =>
        {
            IAgent[] agents = [new RandomAgent(), new GeometricAgent(), new ExpertAgent()];
            var csharp = progress.AddTask("C# client plays", maxValue: s_tasks.Length * agents.Length);
            var python = progress.AddTask("Python client plays", maxValue: s_tasks.Length * agents.Length);
            var results = new List<AgentResult>();
            foreach (var task in s_tasks)
            {
                foreach (var agent in agents)
                {
                    cancellation.ThrowIfCancellationRequested();
                    results.Add(await CSharpPlayer.PlayAsync(client, task, agent, episodes));
                    csharp.Increment(1);
                }
            }

            results.AddRange(
                await PythonPlayer.PlayAsync(address, episodes, () => python.Increment(1), cancellation));
            return results;
        });
}
