using PhysIntuition.Environments.Checks;
using PhysIntuition.Environments.Datasets;

namespace PhysIntuition.Server.Commands;

/// <summary><c>tasks</c>: lists the tasks, prints one's manual page, or checks them.</summary>
internal static class TasksCommand
{
    private static readonly Argument<string?> s_task = new("task")
    {
        Description = "Only this task; without an option, its page and options.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> s_check = new("--check")
    {
        Description = "Check the promises that every task makes, and print a table of what scripted players score.",
    };

    private static readonly Option<string> s_split = new("--split")
    {
        Description = "Split that --check plays, and perhaps a suite: train, test, test/tall-v1, ...",
        DefaultValueFactory = _ => "train",
    };

    private static readonly Option<int> s_episodes = NumberOption.Of(
        "--episodes", "Episodes for each measurement of --check, 50 to 100,000.", 400,
        new(EnvironmentChecker.LeastEpisodes, 100_000));

    private static readonly Option<int?> s_towers = NumberOption.Optional<int>(
        "--static", "Settle this many single-column towers instead, compare with the exact criterion, list " +
            "disagreements; exit 1 below 99 %.", new(1, 1_000_000));

    private static readonly Option<bool> s_update = new("--update")
    {
        Description = "In a checkout: rewrite what follows from the catalogue, namely golden hashes, pages, and " +
            "tables of the clients.",
    };

    private static readonly Option<FileInfo?> s_message = new("--message")
    {
        Description = "Write the reply to ListTasks to a file: what the embedded library is built with.",
    };

    /// <summary>The verb.</summary>
    public static Command Create()
    {
        var command = new Command("tasks", "List the tasks, describe one, or check them.")
        {
            s_task, s_check, s_split, s_episodes, s_towers, s_update, s_message,
        };
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult arguments)
    {
        var id = arguments.GetValue(s_task);
        if (arguments.GetValue(s_towers) is { } towers)
        {
            return CheckTowers(towers, arguments.Out());
        }

        if (arguments.GetValue(s_update))
        {
            return Update(arguments.Out());
        }

        if (arguments.GetValue(s_message) is { } file)
        {
            File.WriteAllBytes(file.FullName, TaskInfos.All(new LimitOptions()).ToByteArray());
            return 0;
        }

        if (arguments.GetValue(s_check))
        {
            return Check(id, arguments.GetValue(s_split)!, arguments.GetValue(s_episodes), arguments.Out());
        }

        return id is null ? List(arguments.Out()) : Describe(TaskCatalog.Find(id), arguments.Out());
    }

    private static int List(TextWriter output)
    {
        foreach (var task in TaskCatalog.All)
        {
            output.WriteLine($"{task.Spec.Id,-24} {task.Spec.Summary}");
        }

        return 0;
    }

    private static int Describe(ITask task, TextWriter output)
    {
        output.WriteLine(TaskPages.Page(task));
        return 0;
    }

    private static int Update(TextWriter output)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "PhysIntuition.sln")))
        {
            folder = folder.Parent ?? throw new PhysIntuitionException(Fault.InvalidArgument, "--update",
                "'--update' rewrites files of a checkout, and this program is in none. Run it there.");
        }

        using var simulator = new BatchSimulator();
        var changed = new TaskFiles(simulator, new CpuRenderer()).Update(folder.FullName);
        foreach (var path in changed)
        {
            output.WriteLine(path);
        }

        output.WriteLine(changed.Count == 0 ? "All files are as the catalogue has them." : "Look at each, and commit.");
        return 0;
    }

    private static int Check(string? id, string split, int episodes, TextWriter output)
    {
        // Photographs come from the user's own folder, so there is nothing to check without one.
        ITask[] tasks = id is null
            ? [.. TaskCatalog.All.Where(task => !task.Spec.NeedsPictures)]
            : [TaskCatalog.Find(id)];
        var choices = Array.ConvertAll(tasks, task => SuiteCatalog.Find(task.Spec, split));
        using var simulator = new BatchSimulator();
        var renderer = new CpuRenderer();
        var checker = new EnvironmentChecker(simulator, renderer);
        var (failures, rejections) = (0, new List<string>());
        output.WriteLine(TaskReport.Header);
        foreach (var (task, choice) in tasks.Zip(choices))
        {
            var report = TaskReport.Measure(task, choice, episodes, simulator, renderer);
            output.WriteLine(report);
            rejections.AddRange(report.Reasons.Select(reason =>
                $"{report.Task,-22}{reason.Value,8}  {reason.Key}"));
            foreach (var finding in checker.Check(task, choice, report).Where(finding => !finding.Passed))
            {
                output.WriteLine($"    {finding}");
                failures++;
            }
        }

        output.WriteLine("\nCandidate scenes that were given up, and why:");
        rejections.ForEach(output.WriteLine);
        output.WriteLine(failures == 0 ? "All promises are kept." : $"{failures} promises are broken.");
        return failures == 0 ? 0 : 1;
    }

    private static int CheckTowers(int towers, TextWriter output)
    {
        const double leastAgreement = 0.99;

        using var simulator = new BatchSimulator();
        var check = StaticCheck.Run(simulator, towers);
        foreach (var disagreement in check.Disagreements)
        {
            output.WriteLine(disagreement);
        }

        var share = check.Far == 0 ? 0 : (double)check.FarAgreeing / check.Far;
        output.WriteLine(FormattableString.Invariant(
            $"{check.Towers} towers, {check.Far} with a margin above 5 %: {check.FarAgreeing} agree, {share:P2}."));
        return share >= leastAgreement ? 0 : 1;
    }
}
