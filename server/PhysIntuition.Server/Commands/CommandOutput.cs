using System.CommandLine;

namespace PhysIntuition.Server.Commands;

/// <summary>Where a command prints: the console, or whatever its caller listens with.</summary>
internal static class CommandOutput
{
    /// <summary>Results.</summary>
    public static TextWriter Out(this ParseResult arguments) => arguments.InvocationConfiguration.Output;

    /// <summary>What is wrong, and progress.</summary>
    public static TextWriter Error(this ParseResult arguments) => arguments.InvocationConfiguration.Error;
}
