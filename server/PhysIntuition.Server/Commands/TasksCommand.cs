using System.CommandLine;
using PhysIntuition.Environments.Checks;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Services;
using PhysIntuition.Simulation;

namespace PhysIntuition.Server.Commands;

/// <summary><c>tasks</c>: lists the tasks, or prints one's manual page.</summary>
internal static class TasksCommand
{
    private static readonly Argument<string?> s_task = new("task")
    {
        Description = "Print this task's page and options instead of the list.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> s_check = new("--check")
    {
        Description = "Settle single-column towers and compare with the exact criterion; exit 1 below 99 %.",
    };

    private static readonly Option<int> s_towers = new("--towers")
    {
        Description = "Towers that --check settles.",
        DefaultValueFactory = _ => 2000,
    };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("tasks", "List the tasks, or describe one.") { s_task, s_check, s_towers };
        command.SetAction(arguments => arguments.GetValue(s_check)
            ? Check(arguments.GetValue(s_towers))
            : Run(arguments.GetValue(s_task)));
        return command;
    }

    private static int Check(int towers)
    {
        const double leastAgreement = 0.99;

        if (towers is < 1 or > 1_000_000)
        {
            Throw.OutOfRange("--towers", towers, "must be in [1, 1000000]", "Choose 2000.");
        }

        using var simulator = new BatchSimulator();
        var check = StaticCheck.Run(simulator, towers);
        foreach (var disagreement in check.Disagreements)
        {
            Console.Out.WriteLine(disagreement);
        }

        var share = check.Far == 0 ? 0 : (double)check.FarAgreeing / check.Far;
        Console.Out.WriteLine(FormattableString.Invariant(
            $"{check.Towers} towers, {check.Far} with a margin above 5 %: {check.FarAgreeing} agree, {share:P2}."));
        return share >= leastAgreement ? 0 : 1;
    }

    private static int Run(string? id)
    {
        if (id is null)
        {
            foreach (var task in TaskCatalog.All)
            {
                Console.Out.WriteLine($"{task.Spec.Id,-24} {task.Spec.Summary}");
            }

            return 0;
        }

        var spec = TaskCatalog.Find(id).Spec;
        Console.Out.WriteLine(TaskInfos.From(spec, new LimitOptions()).Description);
        Console.Out.WriteLine("Options, with their defaults:");
        Console.Out.WriteLine();
        Console.Out.WriteLine(OptionsReader.Write(OptionsReader.DefaultsOf(spec)));
        return 0;
    }
}
