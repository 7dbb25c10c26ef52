using PhysIntuition.Evaluation.InProcess;

namespace PhysIntuition.Evaluation.Runs;

/// <summary>How models play on a leaderboard.</summary>
public sealed record HeldoutPlan
{
    /// <summary>The server's gRPC address.</summary>
    public required Uri Leaderboard { get; init; }

    /// <summary>The method's name there; empty: the model's label.</summary>
    public string Method { get; init; } = "";

    /// <summary>Task that it was trained on; empty if unknown.</summary>
    public string TrainedOn { get; init; } = "";

    /// <summary>File of the key that owns the name, made when it is missing.</summary>
    public required string Identity { get; init; }

    /// <summary>The command that reproduces the run.</summary>
    public string Command { get; init; } = "";

    /// <summary>How long a server that was reached is waited for.</summary>
    public TimeSpan Patience { get; init; } = EnvironmentClients.UsualPatience;

    /// <summary>Closes runs of which some scenes were never answered, too.</summary>
    public bool ClosesIncomplete { get; init; }
}

/// <summary>A run of a folder: how it is found again.</summary>
/// <param name="Model">The model's label.</param>
/// <param name="Task">With version.</param>
/// <param name="Suite">Empty for none.</param>
/// <param name="Run">Its public name.</param>
/// <param name="Token">Its secret.</param>
internal sealed record HeldoutState(string Model, string Task, string Suite, string Run, string Token);
