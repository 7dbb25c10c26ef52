using PhysIntuition.Evaluation.Commands;

return EvaluationCommands.Run(EvaluationCommands.Create(), args);
