using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Commands;

/// <summary><c>seasons</c>, <c>close-season</c>, <c>backup</c>.</summary>
internal static class SeasonVerbs
{
    private static readonly Argument<string> s_season = new("season") { Description = "Id of the season." };

    private static readonly Argument<FileInfo> s_copy = new("copy") { Description = "File to write; must not exist." };

    public static Command List()
    {
        var command = new Command(
            "seasons", "List the seasons, with the secrets of those that are over, and the key that signs results.")
        {
            LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, _) => LocalLeaderboard.UseAsync(arguments, ListAsync));
        return command;
    }

    public static Command Close()
    {
        var command = new Command("close-season", "Close a season: reveal its secret, let all scenes count.")
        {
            s_season, LocalLeaderboard.Folder, LocalLeaderboard.Postgres,
        };
        command.SetAction((arguments, _) => LocalLeaderboard.UseAsync(
            arguments, local => CloseAsync(local, arguments.GetValue(s_season)!)));
        return command;
    }

    public static Command BackUp()
    {
        var command = new Command("backup", "Copy the embedded database while it is in use.")
        {
            s_copy, LocalLeaderboard.Folder,
        };
        command.SetAction(async (arguments, _) =>
        {
            var file = Path.Combine(arguments.GetValue(LocalLeaderboard.Folder)!.FullName, "leaderboard.db");
            if (!File.Exists(file))
            {
                throw new PhysIntuitionException(Fault.NotFound, "--folder",
                    $"There is no database {file}. Name its folder with --folder.");
            }

            await using var database = new SqliteDatabase(file);
            await database.BackUpAsync(arguments.GetValue(s_copy)!.FullName);
            arguments.Out().WriteLine($"Copied to {arguments.GetValue(s_copy)!.FullName}.");
            return 0;
        });
        return command;
    }

    private static async Task ListAsync(LocalLeaderboard local)
    {
        var key = (await local.OpenAsync()).Key.PublicKey;
        local.Out.WriteLine($"Results are signed by {TrustedKeys.Describe(Convert.ToHexStringLower(key))}.");
        foreach (var season in (await (await local.OpenAsync()).Store.SeasonsAsync()).Select(one => one.Published))
        {
            local.Out.WriteLine($"{season.Id,-16} {(season.IsOpen ? "open" : "closed"),-7} " +
                $"commitment {season.Commitment}{(season.IsOpen ? "" : $" secret {season.Secret}")}");
        }
    }

    private static async Task CloseAsync(LocalLeaderboard local, string id)
    {
        var open = await local.OpenAsync();
        var season = (await open.Store.SeasonsAsync()).SingleOrDefault(season => season.Id == id)
            ?? throw new PhysIntuitionException(Fault.NotFound, "season",
                $"There is no season '{id}'; 'leaderboard seasons' lists them.");
        var runs = await open.Board.CloseSeasonAsync(id);
        local.Out.WriteLine($"{id} is closed. Its secret: {season.Secret}");
        local.Out.WriteLine($"The scenes that runs have in common were scored in {runs} runs.");
    }
}
