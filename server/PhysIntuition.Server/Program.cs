using System.CommandLine;
using Microsoft.Extensions.Options;
using PhysIntuition.Faults;
using PhysIntuition.Leaderboard.Runs;
using PhysIntuition.Leaderboard.Storage;
using PhysIntuition.Server.Commands;
using PhysIntuition.Server.Commands.Leaderboards;

// Exit codes: 0 done, 1 failed, 2 wrong usage or settings.
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
        : Fail(string.Join(Environment.NewLine, arguments.Errors.Select(error => error.Message)), 2);
}
catch (OptionsValidationException wrong)
{
    return Fail(string.Join(Environment.NewLine, wrong.Failures), 2);
}
catch (PhysIntuitionException fault)
{
    return Fail(fault.Message, fault.Fault is Fault.InvalidArgument or Fault.NotFound ? 2 : 1);
}
catch (LeaderboardException fault)
{
    return Fail(fault.Message, fault.Fault is LeaderboardFault.InvalidArgument or LeaderboardFault.NotFound ? 2 : 1);
}
catch (Exception fault) when (fault is IOException or StorageException or UnauthorizedAccessException)
{
    return Fail(fault.Message, 1);
}

static int Fail(string message, int code)
{
    Console.Error.WriteLine(message);
    return code;
}
