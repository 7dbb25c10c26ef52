namespace PhysIntuition.Server.Commands;

/// <summary><c>leaderboard</c>: play held-out runs, look at tables, keep the database.</summary>
internal static class LeaderboardCommand
{
    /// <summary>The verb.</summary>
    public static Command Create() => new("leaderboard", "Play held-out runs; look at tables; keep the database.")
    {
        RunVerbs.Open(),
        RunVerbs.Resume(),
        RunVerbs.Close(),
        TableVerbs.List(),
        TableVerbs.Compare(),
        BaselineVerb.Create(),
        VerifyVerb.Create(),
        ArchiveVerbs.Export(),
        ArchiveVerbs.Import(),
        SeasonVerbs.List(),
        SeasonVerbs.Close(),
        SeasonVerbs.BackUp(),
    };
}

/// <summary><c>baselines</c>: the rows that are always there.</summary>
internal static class BaselineVerb
{
    private static readonly Option<int> s_scenes = NumberOption.Of(
        "--scenes", "Scenes of each run; half of them count while the season is open.", 200, new(1, Board.MaxScenes));

    private static readonly Option<string[]> s_tasks = new("--task")
    {
        Description = "Only this task. Repeatable. Without it: all.",
    };

    public static Command Create()
    {
        var command = new Command("baselines",
            "Let the scripted players play held-out runs: chance, constant, vision, noisy geometry, geometry, " +
            "expert. What was played stays; started again, it goes on where it stopped. Also beside a running server.")
        {
            s_scenes, s_tasks, LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, cancel) => LocalLeaderboard.UseAsync(
            arguments,
            local => PlayAsync(local, arguments.GetValue(s_scenes), arguments.GetValue(s_tasks) ?? [], cancel),
            creates: true));
        return command;
    }

    private static async Task PlayAsync(LocalLeaderboard local, int scenes, string[] ids, CancellationToken cancel)
    {
        var baselines = new Baselines(await local.OpenAsync(), local.Replay, local.Work);
        var tasks = ids.Length == 0 ? TaskCatalog.All : [.. ids.Select(TaskCatalog.Find)];
        foreach (var task in tasks)
        {
            var runs = await baselines.MakeAsync(task, scenes, cancel);
            local.Out.WriteLine($"{task.Spec.Id,-20} {runs} runs of {scenes} scenes played");
        }
    }
}
