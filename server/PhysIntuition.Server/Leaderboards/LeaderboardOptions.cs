using Microsoft.Extensions.Options;
using PhysIntuition.Server.Options;

namespace PhysIntuition.Server.Leaderboards;

/// <summary>Held-out runs. Section <c>PhysIntuition:Leaderboard</c>.</summary>
public sealed record LeaderboardOptions
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Leaderboard";

    /// <summary>Folder of the embedded database and of the signing key; made if it is missing.</summary>
    public string Folder { get; init; } = "data";

    /// <summary>PostgreSQL connection string; empty: an embedded SQLite file in <see cref="Folder"/>.</summary>
    public string Postgres { get; init; } = "";

    /// <summary>Runs of one method on one task and options in a season, 1 to 1,000.</summary>
    public int RunsPerMethod { get; init; } = 3;

    /// <summary>From opening a run to its deadline, a minute to 90 days.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromHours(24);

    /// <summary>Observations leave only at whole multiples of this, so that a clock tells nothing; at most a
    /// second.</summary>
    public TimeSpan ReplyPace { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>Scenes that every scripted player plays of every task in each season, in the background, once somebody
    /// has used the leaderboard; 0: none, up to 10,000.</summary>
    public int BaselineScenes { get; init; } = 100;
}

/// <summary>All faults of <see cref="LeaderboardOptions"/>.</summary>
internal sealed class LeaderboardOptionsValidator : IValidateOptions<LeaderboardOptions>
{
    public ValidateOptionsResult Validate(string? name, LeaderboardOptions options)
    {
        var faults = new List<string>();
        if (options.Folder.Length == 0)
        {
            faults.Add($"{LeaderboardOptions.Section}:Folder is empty; name a folder for the database and the key.");
        }

        if (options.RunsPerMethod is < 1 or > 1000)
        {
            faults.Add($"{LeaderboardOptions.Section}:RunsPerMethod is {options.RunsPerMethod}; must be in [1, 1000].");
        }

        if (options.TimeLimit < TimeSpan.FromMinutes(1) || options.TimeLimit > TimeSpan.FromDays(90))
        {
            faults.Add($"{LeaderboardOptions.Section}:TimeLimit is {options.TimeLimit}; " +
                "must be between 00:01:00 and 90.00:00:00.");
        }

        if (options.ReplyPace < TimeSpan.Zero || options.ReplyPace > TimeSpan.FromSeconds(1))
        {
            faults.Add($"{LeaderboardOptions.Section}:ReplyPace is {options.ReplyPace}; " +
                "must be between 00:00:00 and 00:00:01.");
        }

        if (options.BaselineScenes is < 0 or > 10_000)
        {
            faults.Add($"{LeaderboardOptions.Section}:BaselineScenes is {options.BaselineScenes}; " +
                "must be in [0, 10000].");
        }

        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
    }
}
