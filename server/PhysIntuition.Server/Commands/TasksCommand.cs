using System.CommandLine;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Services;

namespace PhysIntuition.Server.Commands;

/// <summary><c>tasks</c>: lists the tasks, or prints one's manual page.</summary>
internal static class TasksCommand
{
    private static readonly Argument<string?> s_task = new("task")
    {
        Description = "Print this task's page and options instead of the list.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("tasks", "List the tasks, or describe one.") { s_task };
        command.SetAction(arguments => Run(arguments.GetValue(s_task)));
        return command;
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
