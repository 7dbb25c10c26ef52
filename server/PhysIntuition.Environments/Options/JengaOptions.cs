namespace PhysIntuition.Environments.Options;

/// <summary>What <see cref="Tasks.Jenga"/> lets its user choose.</summary>
public sealed record JengaOptions : TaskOptions
{
    /// <summary>Storeys of the tower, in [1, 3], with three numbered blocks each; every number is equally
    /// frequent.</summary>
    [Within(1, 3)]
    public Between Storeys { get; init; } = new(2, 3);

    /// <summary>Width of a numbered block, m, in [0.2, 0.6]; drawn once for all.</summary>
    [Within(0.2, 0.6)]
    public NumberRange BlockWidth { get; init; } = NumberRange.At(0.4f);

    /// <summary>Height of a numbered block over its width, in [0.7, 1.2]; drawn once for all.</summary>
    [Within(0.7, 1.2)]
    public NumberRange BlockHeight { get; init; } = new(0.8f, 1f);
}
