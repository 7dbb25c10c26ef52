using System.Text.Json;
using PhysIntuition.Leaderboard.Runs;

namespace PhysIntuition.Leaderboard.Signing;

/// <summary>A whole leaderboard as one file: seasons as anybody may know them, and signed results.</summary>
public sealed record ResultArchive
{
    /// <summary>Form of this file; grows when fields change their meaning.</summary>
    public int Format { get; init; } = 1;

    /// <summary>All seasons; secrets of those that are over.</summary>
    public required IReadOnlyList<Season> Seasons { get; init; }

    /// <summary>Results of all closed runs.</summary>
    public required IReadOnlyList<ResultFile> Results { get; init; }

    /// <summary>The file's text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ResultFile.Json);

    /// <summary>Reads a file.</summary>
    /// <param name="json">Its text.</param>
    /// <param name="name">What errors call it.</param>
    /// <exception cref="LeaderboardException">It is none.</exception>
    public static ResultArchive Parse(string json, string name)
    {
        try
        {
            return JsonSerializer.Deserialize<ResultArchive>(json, ResultFile.Json) ?? throw new JsonException("null");
        }
        catch (JsonException wrong)
        {
            throw new LeaderboardException(LeaderboardFault.InvalidArgument, "file",
                $"'{name}' is no file of 'leaderboard export': {wrong.Message.TrimEnd('.')}.");
        }
    }
}
