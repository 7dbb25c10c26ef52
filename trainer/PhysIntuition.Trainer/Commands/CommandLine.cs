using System.CommandLine;
using Grpc.Core;
using PhysIntuition.Client;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Commands;

/// <summary>The program's commands: train, eval and experiment.</summary>
internal static class CommandLine
{
    private const int Failed = 1, WrongUsage = 2;

    /// <summary>Longer than any step: a run that is told to stop saves first.</summary>
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromHours(6);

    /// <summary>Every command.</summary>
    /// <param name="arguments">The command line, which other processes of a team are started with.</param>
    public static RootCommand Create(IReadOnlyList<string> arguments) =>
        new("Trains and evaluates vision-language models on PhysIntuition's tasks.")
        {
            TrainCommand.Create(arguments), EvalCommand.Create(),
            ExperimentCommand.Create(),
        };

    /// <summary>Runs one command; 0 done, 1 failed, 2 wrong usage.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="said">Where faults are said; null: the error stream.</param>
    public static int Run(string[] arguments, TextWriter? said = null)
    {
        var parsed = Create(arguments).Parse(arguments);
        try
        {
            var status = parsed.Invoke(new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_timeToStop,
                Error = said ?? Console.Error,
            });
            return parsed.Errors.Count > 0 ? WrongUsage : status;
        }
        catch (Exception error)
        {
            (said ?? Console.Error).WriteLine(Sentence(error));
            return error is ArgumentException or NotSupportedException
                or PhysIntuitionException { Fault: Fault.InvalidArgument or Fault.NotFound } ? WrongUsage : Failed;
        }
    }

    /// <summary>Runs what takes long on a thread of its own, so that Ctrl-C and SIGTERM reach its token.</summary>
    public static async Task<int> RunStoppable(Action work)
    {
        await Task.Run(work).ConfigureAwait(false);
        return 0;
    }

    /// <summary>What a user can do something about; a fault of the program says its kind, too.</summary>
    private static string Sentence(Exception error) => error switch
    {
        AggregateException { InnerExceptions: [var only] } => Sentence(only),
        RpcException refused => $"The server answered {refused.StatusCode}: {refused.Status.Detail}",
        System.Runtime.InteropServices.ExternalException native => $"libtorch: {FirstLine(native.Message)}",
        ArgumentException or PhysIntuitionException or NotSupportedException or IOException or InvalidDataException
            or ArithmeticException or DllNotFoundException or EnvironmentException or UnauthorizedAccessException
            or OperationCanceledException => error.Message,
        _ => $"{error.GetType().Name}: {FirstLine(error.Message)} This is a fault of the program.",
    };

    private static string FirstLine(string text) => text.Split('\n', 2)[0];
}
