namespace PhysIntuition.Evaluation.Models;

/// <summary>What a model can write.</summary>
public enum AnswerConstraint
{
    /// <summary>Anything.</summary>
    None,

    /// <summary>An answer in the task's form, and nothing before or after it.</summary>
    Answer,
}
