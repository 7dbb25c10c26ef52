using System.CommandLine;
using PhysIntuition.Client;
using PhysIntuition.Faults;

namespace PhysIntuition.Trainer.Commands;

/// <summary>The program's commands: train, eval and experiment.</summary>
internal static class CommandLine
{
    private const int Failed = 1, WrongUsage = 2;

    /// <summary>Runs one command; 0 done, 1 failed, 2 wrong usage.</summary>
    public static int Run(string[] arguments)
    {
        var root = new RootCommand("Trains and evaluates vision-language models on PhysIntuition's tasks.")
        {
            TrainCommand.Create(arguments), EvalCommand.Create(),
            ExperimentCommand.Create(),
        };
        var parsed = root.Parse(arguments);
        try
        {
            var status = parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
            return parsed.Errors.Count > 0 ? WrongUsage : status;
        }
        catch (Exception error) when (error is ArgumentException or PhysIntuitionException
            or NotSupportedException)
        {
            Console.Error.WriteLine(error.Message);
            return WrongUsage;
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ArithmeticException
            or DllNotFoundException or EnvironmentException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(error.Message);
            return Failed;
        }
    }
}
