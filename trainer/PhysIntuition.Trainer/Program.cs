using PhysIntuition.Trainer.Commands;

return TrainerCommands.Run(args);
