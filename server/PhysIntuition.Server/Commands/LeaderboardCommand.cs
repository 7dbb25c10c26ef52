using System.CommandLine;
using System.Text.Json;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Signing;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Rendering;
using PhysIntuition.Server.Leaderboards;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Commands;

/// <summary><c>leaderboard</c>: verifies result files, and looks after the embedded database.</summary>
internal static class LeaderboardCommand
{
    private static readonly Argument<FileInfo> s_file = new("file") { Description = "A result file." };

    private static readonly Option<string?> s_key = new("--key")
    {
        Description = "Public key that you trust, hex. Without it only the file's own key is checked.",
    };

    private static readonly Option<string?> s_secret = new("--secret")
    {
        Description = "The season's revealed secret, hex: every score is replayed.",
    };

    private static readonly Option<DirectoryInfo> s_folder = new("--folder")
    {
        Description = "Folder of the leaderboard's database.",
        DefaultValueFactory = _ => new DirectoryInfo("data"),
    };

    private static readonly Argument<string> s_season = new("season") { Description = "Id of the season." };

    private static readonly Argument<FileInfo> s_copy = new("copy") { Description = "File to write; must not exist." };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var verify = new Command("verify", "Check a result file offline.") { s_file, s_key, s_secret };
        verify.SetAction(arguments => Verify(
            arguments.GetValue(s_file)!, arguments.GetValue(s_key), arguments.GetValue(s_secret)));
        var seasons = new Command("seasons", "List the seasons.") { s_folder };
        seasons.SetAction((arguments, _) => WithDatabaseAsync(arguments.GetValue(s_folder)!, ListSeasonsAsync));
        var close = new Command("close-season", "Close a season and reveal its secret.") { s_season, s_folder };
        close.SetAction((arguments, _) => WithDatabaseAsync(
            arguments.GetValue(s_folder)!, (store, _) => CloseSeasonAsync(store, arguments.GetValue(s_season)!)));
        var backup = new Command("backup", "Copy the database while it is in use.") { s_copy, s_folder };
        backup.SetAction((arguments, _) => WithDatabaseAsync(
            arguments.GetValue(s_folder)!, (_, database) => BackUpAsync(database, arguments.GetValue(s_copy)!)));
        return new Command("leaderboard", "Verify results; look after seasons and the database.")
        {
            verify, seasons, close, backup,
        };
    }

    private static int Verify(FileInfo file, string? key, string? secret)
    {
        ResultFile result;
        try
        {
            result = ResultFile.Parse(File.ReadAllText(file.FullName));
        }
        catch (JsonException wrong)
        {
            Console.Error.WriteLine($"'{file.FullName}' is no result file: {wrong.Message}");
            return 1;
        }

        var faults = result.Verify(key).Concat(secret is null ? [] : Replay(result, secret)).ToArray();
        foreach (var fault in faults)
        {
            Console.Error.WriteLine(fault);
        }

        if (faults.Length == 0)
        {
            Console.WriteLine($"{result.Request.Method} on {result.Request.Task}: {result.Score.Mean:F4} " +
                $"({result.Score.Low:F4} to {result.Score.High:F4}), signed by {result.PublicKey}" +
                (secret is null ? "." : "; every score was replayed and fits."));
        }

        return faults.Length == 0 ? 0 : 1;
    }

    // What anybody can do once the secret is out.
    private static IEnumerable<string> Replay(ResultFile result, string secret)
    {
        if (SeedSchedule.Commit(secret) != result.Commitment)
        {
            return [$"The secret's SHA-256 is {SeedSchedule.Commit(secret)}; committed was {result.Commitment}."];
        }

        if (result.Scenes.Count == 0)
        {
            return ["The file holds no scenes; fetch it again now that the season is over."];
        }

        using var simulator = new BatchSimulator();
        var renderer = new CpuRenderer();
        var scorer = new RunScorer(new RunReplay(simulator, renderer), simulator, renderer);
        var seeds = SeedSchedule.Seeds(secret, result.Request, result.Run, scorer.SeedCount(result.Request.Task));
        var replayed = scorer.ScoreAsync(result.Request, seeds, result.Answers, default).GetAwaiter().GetResult();
        return replayed.Zip(result.Scenes).Where(pair => pair.First != pair.Second).Select(pair =>
            $"Scene {pair.First.Scene} replays to a reward of {pair.First.Reward}; the file says " +
            $"{pair.Second.Reward}.");
    }

    private static async Task ListSeasonsAsync(LeaderboardStore store, SqliteDatabase database)
    {
        foreach (var season in (await store.SeasonsAsync()).Select(season => season.Published))
        {
            Console.WriteLine($"{season.Id,-16} {(season.IsOpen ? "open" : "closed"),-7} " +
                $"commitment {season.Commitment}{(season.IsOpen ? "" : $" secret {season.Secret}")}");
        }
    }

    private static async Task CloseSeasonAsync(LeaderboardStore store, string id)
    {
        var season = (await store.SeasonsAsync()).SingleOrDefault(season => season.Id == id)
            ?? throw new IOException($"There is no season '{id}'; 'leaderboard seasons' lists them.");
        await store.EndSeasonAsync(id, DateTime.UtcNow);
        Console.WriteLine($"{id} is closed. Its secret: {season.Secret}");
    }

    private static async Task BackUpAsync(SqliteDatabase database, FileInfo copy)
    {
        await database.BackUpAsync(copy.FullName);
        Console.WriteLine($"Copied to {copy.FullName}.");
    }

    private static async Task<int> WithDatabaseAsync(
        DirectoryInfo folder, Func<LeaderboardStore, SqliteDatabase, Task> work)
    {
        var file = Path.Combine(folder.FullName, "leaderboard.db");
        if (!File.Exists(file))
        {
            throw new IOException($"There is no database {file}. Name its folder with --folder.");
        }

        await using var database = new SqliteDatabase(file);
        await work(await LeaderboardStore.OpenAsync(database), database);
        return 0;
    }
}
