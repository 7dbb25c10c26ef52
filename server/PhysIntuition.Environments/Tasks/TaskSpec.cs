using System.Diagnostics.CodeAnalysis;

namespace PhysIntuition.Environments.Tasks;

/// <summary>Everything a client must know before it opens a task. Plain data; sent as is.</summary>
public sealed record TaskSpec
{
    /// <summary>Unique name without its version; behaviour never changes under one name and version.</summary>
    public required string Name { get; init; }

    /// <summary>Raised whenever the same seed and answer would give another scene, outcome or reward.</summary>
    public required int Version { get; init; }

    /// <summary>The name on the wire, for example <c>Stability-v1</c>.</summary>
    public string Id => $"{Name}-v{Version}";

    /// <summary>One sentence for lists.</summary>
    public required string Summary { get; init; }

    /// <summary>What the agent may ask to see; each is paid for only when asked.</summary>
    public IReadOnlyList<ObservationSpec> Observations { get; init; } = ObservationSpec.Standard;

    /// <summary>What an answer consists of, in wire order.</summary>
    public required IReadOnlyList<AnswerAxis> Answer { get; init; }

    /// <summary>Steps after which an episode ends by truncation unless the task ended it before, with default
    /// options.</summary>
    public int MaxSteps { get; init; } = 1;

    /// <summary>Whether every step answers the same question, so that <see cref="AttemptRule"/> applies.</summary>
    public bool AsksOnce { get => field || MaxSteps == 1; init; }

    /// <summary>Lowest and highest reward of one step.</summary>
    public required RewardRange Reward { get; init; }

    /// <summary>Mean reward of a uniformly random and of a perfect player under default options.</summary>
    public required RewardAnchors Anchors { get; init; }

    /// <summary>The record that this task's options are read into.</summary>
    [DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicParameterlessConstructor |
        DynamicallyAccessedMemberTypes.PublicProperties)]
    public required Type OptionsType { get; init; }

    /// <summary>Whether its pictures are drawn from scenes, so that suites of looks and physics apply.</summary>
    public bool HasScenes { get; init; } = true;

    /// <summary>Whether its options offer minimal pairs; they are <see cref="Options.IPairOptions"/>.</summary>
    public bool HasPairs { get; init; }

    /// <summary>Whether it cannot be played without pictures that its user brings.</summary>
    public bool NeedsPictures { get; init; }

    /// <summary>Splits that the task offers.</summary>
    public IReadOnlyList<Options.Split> Splits { get; init; } = Enum.GetValues<Options.Split>();

    /// <summary>Which scripted player reads the answer off the exact scene by geometry.</summary>
    public required string Heuristic { get; init; }
}

/// <summary>Lowest and highest reward of one step.</summary>
/// <param name="Min">Paid for an answer that cannot be read, or the worst legal one.</param>
/// <param name="Max">Paid for a perfect answer.</param>
public readonly record struct RewardRange(double Min, double Max);

/// <summary>Two marks that a leaderboard calls 0 and 1.</summary>
/// <param name="Random">Mean reward of uniformly random legal answers.</param>
/// <param name="Perfect">Mean reward of the expert.</param>
public readonly record struct RewardAnchors(double Random, double Perfect);
