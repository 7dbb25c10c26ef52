namespace PhysIntuition.Server.Access;

/// <summary>What an API token allows.</summary>
[Flags]
internal enum Scopes
{
    /// <summary>Nothing but to ask what there is.</summary>
    None = 0,

    /// <summary>Sessions and environments, over gRPC, OpenEnv and MCP.</summary>
    Play = 1,

    /// <summary>Score, datasets, and held-out runs of the leaderboard.</summary>
    Score = 2,

    /// <summary>What the server says about itself: metrics.</summary>
    Admin = 4,
}

/// <summary>Scopes as words: "play,score".</summary>
internal static class ScopeWords
{
    /// <summary>The words, in a fixed order.</summary>
    public static string Write(Scopes scopes) => scopes == Scopes.None
        ? "none"
        : scopes.ToString().ToLowerInvariant().Replace(" ", "", StringComparison.Ordinal);

    /// <summary>Reads the words.</summary>
    /// <exception cref="PhysIntuition.Faults.PhysIntuitionException">A word is no scope.</exception>
    public static Scopes Read(string words)
    {
        var scopes = Scopes.None;
        foreach (var word in words.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            scopes |= word.ToLowerInvariant() switch
            {
                "play" => Scopes.Play,
                "score" => Scopes.Score,
                "admin" => Scopes.Admin,
                _ => throw Refuse(words),
            };
        }

        return scopes == Scopes.None ? throw Refuse(words) : scopes;
    }

    private static PhysIntuition.Faults.PhysIntuitionException Refuse(string words) =>
        new(PhysIntuition.Faults.Fault.InvalidArgument, "scopes",
            $"'scopes' is '{words}'; there are play, score and admin. Name one or more, separated by commas.");
}
