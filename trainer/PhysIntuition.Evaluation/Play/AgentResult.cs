using System.Text.Json.Serialization;
using PhysIntuition.Leaderboard;
using Spectre.Console;

namespace PhysIntuition.Evaluation.Play;

/// <summary>Episodes of one agent on one task through one client.</summary>
internal sealed record AgentResult(
    [property: JsonPropertyName("client")] string Client,
    [property: JsonPropertyName("task")] string Task,
    [property: JsonPropertyName("agent")] string Agent,
    [property: JsonPropertyName("rewards")] IReadOnlyList<double> Rewards,
    [property: JsonPropertyName("scene_hashes")] IReadOnlyList<string> SceneHashes,
    [property: JsonPropertyName("outcome_hashes")] IReadOnlyList<string> OutcomeHashes)
{
    /// <summary>Mean reward with its 95 % interval.</summary>
    [JsonIgnore]
    public Interval Score => Interval.Of([.. Rewards]);

    /// <summary>Reads what the Python client wrote.</summary>
    public static IReadOnlyList<AgentResult> Parse(string json) =>
        JsonSerializer.Deserialize<AgentResult[]>(json) ?? throw new PlayException("The Python client wrote nothing.");
}

/// <summary>The scores in the terminal.</summary>
internal static class ScoreTable
{
    public static Table Of(IEnumerable<AgentResult> results)
    {
        var table = new Table().Border(TableBorder.Rounded).Title("Mean reward with its 95 % interval");
        table.AddColumns("Task", "Agent", "Client");
        table.AddColumn(new TableColumn("Episodes").RightAligned());
        table.AddColumn(new TableColumn("Mean reward").RightAligned());
        table.AddColumn(new TableColumn("95 % interval").RightAligned());
        foreach (var result in results)
        {
            var score = result.Score;
            table.AddRow(
                result.Task, result.Agent, result.Client, $"{score.Count}", $"{score.Mean:F3}",
                $"{score.Low:F3} to {score.High:F3}");
        }

        return table;
    }
}
