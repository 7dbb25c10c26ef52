using Spectre.Console;

namespace PhysIntuition.Play.Demo;

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
