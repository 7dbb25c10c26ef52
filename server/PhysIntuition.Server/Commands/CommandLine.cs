using System.CommandLine.Parsing;
using Npgsql;
using PhysIntuition.Leaderboard.Storage;

namespace PhysIntuition.Server.Commands;

/// <summary>The program's commands, and how all of them tell what went wrong: in a sentence, with one of
/// <see cref="ExitCodes"/>.</summary>
internal static class CommandLine
{
    /// <summary>Longer than any chunk of an export and than the server's drain on a slow machine.</summary>
    private static readonly TimeSpan s_timeToStop = TimeSpan.FromMinutes(10);

    /// <summary>Every command.</summary>
    public static RootCommand Create() => new("PhysIntuition: environments of intuitive physics, over gRPC.")
    {
        ServeCommand.Create(),
        TokensCommand.Create(),
        TasksCommand.Create(),
        ExportCommand.Create(),
        FilmCommand.Create(),
        LeaderboardCommand.Create(),
    };

    /// <summary>Runs a command line.</summary>
    /// <param name="arguments">As the shell gives them.</param>
    /// <param name="output">Where results go; null: the console.</param>
    /// <param name="error">Where faults and progress go; null: the console.</param>
    /// <param name="cancellation">Stops it, as Ctrl-C does.</param>
    /// <returns>What the program ends with.</returns>
    public static async Task<int> RunAsync(
        string[] arguments, TextWriter? output = null, TextWriter? error = null,
        CancellationToken cancellation = default)
    {
        var said = error ?? Console.Error;
        var parsed = Create().Parse(arguments);
        string[] faults = [.. UsageErrors.Of(parsed), .. EmptyPaths(parsed)];
        if (faults.Length > 0)
        {
            said.WriteLine(string.Join(Environment.NewLine, faults));
            return ExitCodes.WrongUsage;
        }

        try
        {
            return await parsed.InvokeAsync(
                new()
                {
                    EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = s_timeToStop,
                    Output = output ?? Console.Out, Error = said,
                },
                cancellation);
        }
        catch (Exception thrown)
        {
            return ExitCodes.Tell(
                thrown, said, Explain, failure => failure.GetBaseException() is OptionsValidationException);
        }
    }

    // An empty text is no path, but null to commands.
    private static IEnumerable<string> EmptyPaths(ParseResult parsed) =>
        from child in parsed.CommandResult.Children
        let type = (child as OptionResult)?.Option.ValueType ?? (child as ArgumentResult)?.Argument.ValueType
        where type is not null && (type.GetElementType() ?? type).IsAssignableTo(typeof(FileSystemInfo))
            && child.Tokens.Any(token => token.Value.Length == 0)
        let name = (child as OptionResult)?.Option.Name ?? (child as ArgumentResult)?.Argument.Name
        select $"'{name}' is empty; it must be a path.";

    private static string? Explain(Exception failure) => failure switch
    {
        OptionsValidationException wrong => string.Join(Environment.NewLine, wrong.Failures),
        StorageException => failure.Message,
        NpgsqlException => $"PostgreSQL: {failure.Message}",
        _ => null,
    };
}

/// <summary>Which scenes: the same words for every command that draws some.</summary>
internal static class SceneArguments
{
    /// <summary>The task's id.</summary>
    public static Argument<string> Task { get; } = new("task") { Description = "Task id, for example Stability-v1." };

    /// <summary>A split, and perhaps a suite.</summary>
    public static Option<string> Split { get; } = new("--split")
    {
        Description = "Split, and perhaps a suite: train, val, test, test/tall-v1, ...",
        DefaultValueFactory = _ => "train",
    };

    /// <summary>The task's options.</summary>
    public static Option<string?> Options { get; } = new("--options")
    {
        Description = "The task's options as a JSON object; 'tasks TASK' lists them.",
    };
}

/// <summary>An option that is empty unless it is given.</summary>
internal static class TextOption
{
    /// <summary>One of this name.</summary>
    public static Option<string> Of(string name, string description) =>
        new(name) { Description = description, DefaultValueFactory = _ => "" };
}

/// <summary>Where a command prints: the console, or whatever its caller listens with.</summary>
internal static class CommandOutput
{
    /// <summary>Results.</summary>
    public static TextWriter Out(this ParseResult arguments) => arguments.InvocationConfiguration.Output;

    /// <summary>What is wrong, and progress.</summary>
    public static TextWriter Error(this ParseResult arguments) => arguments.InvocationConfiguration.Error;
}
