namespace PhysIntuition.Environments.Observations;

/// <summary>What an observation's name stands for; <see cref="ObservationSpec"/> describes each.</summary>
public enum ObservationKind
{
    /// <summary>The picture.</summary>
    Rgb,

    /// <summary>Distances.</summary>
    Depth,

    /// <summary>Which block is where.</summary>
    Segmentation,

    /// <summary>The exact scene.</summary>
    State,

    /// <summary>The question.</summary>
    Prompt,

    /// <summary>Question, picture and what came of the answer, as turns of a chat.</summary>
    Messages,

    /// <summary>What is said about the answer.</summary>
    Info,

    /// <summary>The expert's answer.</summary>
    Expert,

    /// <summary>How far the scene is from another outcome.</summary>
    Margin,

    /// <summary>Seed of the episode.</summary>
    Seed,

    /// <summary>Steps taken.</summary>
    Steps,

    /// <summary>Hash of the scene.</summary>
    SceneHash,

    /// <summary>Hash of what was simulated for the answer.</summary>
    OutcomeHash,
}
