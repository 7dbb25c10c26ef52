using System.CommandLine;
using Microsoft.Extensions.Options;
using PhysIntuition.Faults;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Server.Commands;
using PhysIntuition.Server.Commands.Leaderboards;

// It ends with one of ExitCodes.
var root = new RootCommand("PhysIntuition: environments of intuitive physics, over gRPC.")
{
    ServeCommand.Create(),
    TokensCommand.Create(),
    TasksCommand.Create(),
    ExportCommand.Create(),
    FilmCommand.Create(),
    LeaderboardCommand.Create(),
};

try
{
    var arguments = root.Parse(args);
    return arguments.Errors.Count == 0
        ? await arguments.InvokeAsync(new() { EnableDefaultExceptionHandler = false })
        : Fail(string.Join(Environment.NewLine, arguments.Errors.Select(error => error.Message)), ExitCodes.WrongUsage);
}
catch (OptionsValidationException wrong)
{
    return Fail(string.Join(Environment.NewLine, wrong.Failures), ExitCodes.WrongUsage);
}
catch (Exception failure) when (
    failure is PhysIntuitionException or IOException or StorageException or UnauthorizedAccessException)
{
    return Fail(failure.Message, ExitCodes.Of(failure));
}

static int Fail(string message, int code)
{
    Console.Error.WriteLine(message);
    return code;
}
