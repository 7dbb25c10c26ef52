using System.CommandLine;
using Grpc.Core;
using PhysIntuition.Environments.Options;
using PhysIntuition.Evaluation.Play;
using PhysIntuition.Faults;

namespace PhysIntuition.Evaluation;

/// <summary>The program's commands, and how it and the trainer's program tell what went wrong.</summary>
public static class EvaluationCommands
{
    /// <summary>Longer than any step: a run that is told to stop saves first.</summary>
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromHours(6);

    /// <summary>Asks models behind an API, scripted players, recorded answers, and people.</summary>
    public static RootCommand Create() => new("Evaluates models on PhysIntuition's tasks, and lets people play them.")
    {
        EvalCommand.Create(), PlayCommand.Create(), DemoCommand.Create(),
    };

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
            return ExitCodes.Tell(
                thrown, said ?? Console.Error, error => explain?.Invoke(error) ?? Explain(error),
                error => error is EnvironmentException { Code: StatusCode.InvalidArgument or StatusCode.NotFound });
        }
    }

    /// <summary>What a user can do something about.</summary>
    private static string? Explain(Exception error) =>
        error is ArgumentException or NotSupportedException or InvalidDataException or ArithmeticException
            or DllNotFoundException or EnvironmentException or PlayException
            ? error.Message
            : null;
}
