using System.CommandLine;
using PhysIntuition.Client;
using PhysIntuition.Environments.Options;
using PhysIntuition.Faults;

namespace PhysIntuition.Evaluation;

/// <summary>The program's one command, and how every program of ours tells what went wrong.</summary>
public static class EvaluationCommands
{
    /// <summary>Longer than any step: a run that is told to stop saves first.</summary>
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromHours(6);

    /// <summary>Asks models behind an API, scripted players and recorded answers.</summary>
    public static RootCommand Create() => new("Evaluates models on PhysIntuition's tasks.") { EvalCommand.Create() };

    /// <summary>Runs a command line; 0 done, 1 failed, 2 wrong usage.</summary>
    /// <param name="root">The program's commands.</param>
    /// <param name="arguments">The command line.</param>
    /// <param name="said">Where faults and answers are said; null: the process's own streams.</param>
    /// <param name="explain">Says what other exceptions mean, in a sentence; null: they are faults of the
    /// program.</param>
    public static int Run(
        RootCommand root, string[] arguments, TextWriter? said = null, Func<Exception, string?>? explain = null)
    {
        var parsed = root.Parse(arguments);
        if (UsageErrors.Of(parsed) is { Count: > 0 } errors)
        {
            (said ?? Console.Error).WriteLine(string.Join(Environment.NewLine, errors));
            return ExitCodes.WrongUsage;
        }

        try
        {
            return parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_timeToStop,
                Error = said ?? Console.Error, Output = said ?? Console.Out,
            });
        }
        catch (Exception thrown)
        {
            return ExitCodes.Tell(thrown, said ?? Console.Error, error => explain?.Invoke(error) ?? Explain(error));
        }
    }

    /// <summary>What a user can do something about.</summary>
    private static string? Explain(Exception error) =>
        error is ArgumentException or NotSupportedException or InvalidDataException or ArithmeticException
            or DllNotFoundException or EnvironmentException
            ? error.Message
            : null;
}
