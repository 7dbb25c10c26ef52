using System.CommandLine;
using PhysIntuition.Environments.Tasks;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>The option --tasks of areas that measure one task after the other.</summary>
internal static class TaskChoice
{
    /// <summary>The option.</summary>
    public static Option<string[]> Option { get; } = new("--tasks")
    {
        Description = "Measure these tasks alone, for example Count-v1 Margin-v1.",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>Those that were named.</summary>
    /// <returns>Empty: none was.</returns>
    /// <exception cref="SkippedException">One has no state.</exception>
    public static ITask[] Read(ParseResult arguments)
    {
        ITask[] tasks = [.. (arguments.GetValue(Option) ?? []).Select(TaskCatalog.Find)];
        return tasks.FirstOrDefault(static task => task is IPictureTask) is { } other
            ? throw new SkippedException($"{other.Spec.Id} shows no state, which is what is measured here.")
            : tasks;
    }

    /// <summary>All that have a state of their own to be shown.</summary>
    public static ITask[] All => [.. TaskCatalog.All.Where(static task => task is not IPictureTask)];
}
