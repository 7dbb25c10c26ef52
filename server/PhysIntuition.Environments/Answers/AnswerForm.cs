namespace PhysIntuition.Environments.Answers;

/// <summary>In which words prompts ask for an answer, and how experts write theirs.</summary>
/// <remarks>Replies may have any form that <see cref="AnswerText"/> reads, whichever was asked for.</remarks>
public enum AnswerForm
{
    /// <summary>As the paper's prompts: a pair of numbers in brackets, yes and no each between tags.</summary>
    Paper,

    /// <summary>The same words in every prompt, and one grammar: values, a comma between two, no brackets.</summary>
    One,
}
