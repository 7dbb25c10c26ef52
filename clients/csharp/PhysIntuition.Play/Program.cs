using System.CommandLine;
using PhysIntuition.Faults;
using PhysIntuition.Play;
using PhysIntuition.Play.Demo;

var root = new RootCommand("Play PhysIntuition: a demonstration with scripted agents, or you in the terminal.")
{
    DemoCommand.Create(),
    PlayCommand.Create(),
};
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    await parsed.InvokeAsync();
    return ExitCodes.WrongUsage;
}

return await parsed.InvokeAsync();
