using System.CommandLine;
using PhysIntuition.Trainer.Study;

namespace PhysIntuition.Trainer.Commands;

/// <summary>train report RUN: a run's curves as a page.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var run = new Argument<string>("run") { Description = "The run's folder." };
        var command = new Command("report", "Draw a run's curves as one HTML page.") { run };
        command.SetAction(parsed =>
        {
            Console.WriteLine(CurvePage.Write(parsed.GetValue(run)!));
            return 0;
        });
        return command;
    }
}
