using System.Text.Json;
using PhysIntuition.Client;
using PhysIntuition.Rendering;

namespace PhysIntuition.Play.Demo;

/// <summary>Before, after and verdict of some episodes, as one picture.</summary>
internal static class SheetPainter
{
    private const int Episodes = 6;      // of each task
    private const int Edge = 224;        // pixels of one picture
    private const int Columns = 4;       // two episodes beside one another, before and after

    /// <summary>Lets the random and the expert agent play in turn, and paints what happened.</summary>
    public static async Task PaintAsync(IEnvironmentClient client, IEnumerable<string> tasks, string file)
    {
        var sheet = new ContactSheet(Columns, Edge, Edge);
        foreach (var task in tasks)
        {
            await AddAsync(client, task, sheet);
        }

        await File.WriteAllBytesAsync(file, sheet.ToPng());
    }

    private static async Task AddAsync(IEnvironmentClient client, string task, ContactSheet sheet)
    {
        await using var environment = await client.CreateAsync(new EnvironmentSettings(task)
        {
            Slots = Episodes,
            Autoreset = V1.AutoresetMode.Disabled,
            Observe = new Observe("rgb", "info", "expert") { Width = Edge, Height = Edge },
            SharedBuffers = 0, // Pictures of the start are still needed after the step.
        });
        var start = await environment.ResetAsync(new ResetSettings { Seed = 100 });
        var guesses = new RandomAgent().Act(environment.Task, Episodes, start.Observations);
        var experts = start.Observations["expert"].Texts;
        var answers = Enumerable.Range(0, Episodes).Select(row => row % 2 == 0 ? experts[row] : guesses[row]).ToArray();
        var step = await environment.StepAsync(answers);
        for (var row = 0; row < Episodes; row++)
        {
            sheet.Add(start.Observations["rgb"].Row(row).Span, $"{task}: {Bare(answers[row])}");
            sheet.Add(step.Observations["rgb"].Row(row).Span,
                $"{step.Rewards[row]:F2}  {Verdict(step.Observations["info"].Texts[row])}");
        }
    }

    private static string Bare(string answer) => answer.Replace("<answer>", "").Replace("</answer>", "");

    private static string Verdict(string info)
    {
        using var document = JsonDocument.Parse(info);
        return document.RootElement.GetProperty("verdict").GetString() ?? "";
    }
}
