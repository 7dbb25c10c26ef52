using PhysIntuition.Evaluation.Commands;

return CommandLine.Run(CommandLine.Create(), args);
