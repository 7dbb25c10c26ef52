namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What a model is asked about one scene.</summary>
/// <param name="Seed">The scene's seed in its split; with the task it is the whole scene.</param>
/// <param name="Prompt">The text.</param>
/// <param name="Picture">What it sees.</param>
/// <param name="Expert">The best known answer, as text.</param>
public sealed record Question(ulong Seed, string Prompt, RgbImage Picture, string Expert)
{
    /// <summary>The task, with version; empty where nobody needs it.</summary>
    public string Task { get; init; } = "";

    /// <summary>The question with the expert's answer, to be shown before another.</summary>
    public Answered WithExpert => new(this, Expert);
}

/// <summary>A question and what was answered.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Answer">The text of the answer.</param>
public sealed record Answered(Question Question, string Answer);

/// <summary>What an answer earned.</summary>
/// <param name="Reward">The task's reward.</param>
/// <param name="IsReadable">Whether the answer could be parsed.</param>
public readonly record struct Score(double Reward, bool IsReadable);
