using System.CommandLine;

namespace PhysIntuition.Server.Commands.Leaderboards;

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
