using PhysIntuition.Trainer.Commands;

return CommandLine.Run(args);
