using System.Diagnostics;

namespace PhysIntuition.Faults;

/// <summary>What the programs end with, and how they tell what went wrong.</summary>
public static class ExitCodes
{
    /// <summary>All is done.</summary>
    public const int Done = 0;

    /// <summary>Something failed on the way, or somebody stopped it.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or a setting, asks for something that there is not.</summary>
    public const int WrongUsage = 2;

    /// <summary>The code of a failure.</summary>
    public static int Of(Exception failure) => failure switch
    {
        AggregateException { InnerExceptions: [var only] } => Of(only),
        PhysIntuitionException fault => Of(fault.Fault),
        { InnerException: PhysIntuitionException fault } => Of(fault.Fault),   // a call in this process was refused
        ArgumentException or NotSupportedException => WrongUsage,
        _ => Failed,
    };

    /// <summary>The code of a fault.</summary>
    public static int Of(Fault fault) => fault is Fault.InvalidArgument or Fault.NotFound ? WrongUsage : Failed;

    /// <summary>Tells what ended a command.</summary>
    /// <param name="thrown">What it threw.</param>
    /// <param name="said">Where the sentence goes.</param>
    /// <param name="explain">What the program's own exceptions mean; null: they are faults of the program.</param>
    /// <param name="isWrongUsage">Which of its own exceptions say that what was asked for is not there.</param>
    /// <returns>What the program ends with.</returns>
    public static int Tell(
        Exception thrown, TextWriter said, Func<Exception, string?> explain, Func<Exception, bool> isWrongUsage)
    {
        var failure = thrown is AggregateException { InnerExceptions: [var only] } ? only : thrown;
        said.WriteLine(explain(failure) ?? Sentence(failure));
        return isWrongUsage(failure) ? WrongUsage : Of(failure);
    }

    private static string Sentence(Exception failure) => failure switch
    {
        PhysIntuitionException or IOException or UnauthorizedAccessException or OperationCanceledException =>
            failure.Message,
        _ => $"{failure.GetType().Name}: {failure.Message.Split('\n', 2)[0]} " +
            $"This is a fault of the program{At(failure)}.",
    };

    private static string At(Exception failure) =>
        new StackTrace(failure).GetFrame(0)?.GetMethod() is { } method
            ? $", in {method.DeclaringType?.FullName}.{method.Name}"
            : "";
}
