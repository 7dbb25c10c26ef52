namespace PhysIntuition.Trainer.Rollouts;

/// <summary>What learns, and where it runs.</summary>
public sealed record PolicyOptions
{
    /// <summary>Rank of the adapters; 0 trains the weights themselves.</summary>
    public int AdapterRank { get; init; }

    /// <summary>Numerator of the adapters' scale.</summary>
    public double AdapterAlpha { get; init; } = 16;

    /// <summary>Puts adapters on the vision tower, too.</summary>
    public bool AdaptsVision { get; init; }

    /// <summary>Adds a head that estimates what an answer will earn.</summary>
    public bool HasValueHead { get; init; }

    /// <summary>"cpu", "cuda" or "cuda:1".</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>Holds base weights as bfloat16.</summary>
    public bool UsesBFloat16 { get; init; }

    /// <summary>Holds base layers in four bits.</summary>
    public bool UsesNf4 { get; init; }

    /// <summary>Computes layers again in the backward pass and so needs less memory.</summary>
    public bool UsesGradientCheckpointing { get; init; }

    /// <summary>Seed of random weights and adapters.</summary>
    public ulong Seed { get; init; }
}
