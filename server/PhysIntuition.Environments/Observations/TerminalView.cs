namespace PhysIntuition.Environments.Observations;

/// <summary>What is shown of an episode that has ended.</summary>
public enum TerminalView
{
    /// <summary>The world once the answer has had its effect and everything rests. Simulated for this alone.</summary>
    Settled,

    /// <summary>The question as it stood when it was answered; nothing is simulated.</summary>
    Question,
}
