using PhysIntuition.Server.Commands;

return await CommandLine.RunAsync(args);
