using PhysIntuition.Trainer;

return TrainerCommands.Run(args);
