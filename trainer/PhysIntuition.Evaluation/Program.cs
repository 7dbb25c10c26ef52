using PhysIntuition.Evaluation;

return EvaluationCommands.Run(EvaluationCommands.Create(), args);
