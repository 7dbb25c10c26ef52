namespace PhysIntuition.Server.Leaderboards;

/// <summary>Held-out runs. Section <c>PhysIntuition:Leaderboard</c>.</summary>
public sealed record LeaderboardOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Leaderboard";

    /// <summary>Folder of the embedded database and of the signing key, made if it is missing; empty: physintuition
    /// among the user's data (XDG_DATA_HOME, else ~/.local/share).</summary>
    public string Folder { get; init; } = "";

    /// <summary>PostgreSQL connection string; empty: an embedded SQLite file in <see cref="Folder"/>.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>Runs of one method on one task and options in a season, 1 to 1,000.</summary>
    [Within(1, 1000)]
    public int RunsPerMethod { get; init; } = 3;

    /// <summary>From opening a run to its deadline, a minute to 90 days.</summary>
    [Within(60, 90 * 24 * 3600)]
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Observations leave only at whole multiples of this, so that a clock tells nothing; at most a
    /// second.</summary>
    [Within(0, 1)]
    public TimeSpan ReplyPace { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Pictures of 224 x 224 that a run may look at in a second, 10 to 100,000, with bursts of four seconds'
    /// worth; larger ones that have to be drawn count as more.</summary>
    [Within(10, 100_000)]
    public int LooksPerSecond { get; init; } = 2000;

    /// <summary>Scenes that a caller, a token or an address, may have opened and scored in a second, 1 to 10,000, with
    /// bursts of 150 seconds' worth; every call counts as 50 scenes more.</summary>
    [Within(1, 10_000)]
    public int ScenesPerSecond { get; init; } = 200;

    /// <summary>Scenes that every scripted player plays of every task in each season, in the background, once somebody
    /// has used the leaderboard; 0: none, up to 10,000.</summary>
    [Within(0, 10_000)]
    public int BaselineScenes { get; init; } = 100;

    static string ISection.Path => Section;

    /// <summary>Where the database and the key are.</summary>
    public string FindFolder()
    {
        const string before = "data";   // of the folder that a server was started in, as it was once kept

        return Folder.Length > 0 ? Folder
            : File.Exists(Path.Combine(before, "leaderboard.db")) ? before
            : Path.Combine(
                Environment.GetFolderPath(
                    Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "physintuition");
    }
}
