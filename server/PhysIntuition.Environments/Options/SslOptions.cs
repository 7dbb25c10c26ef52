using System.ComponentModel.DataAnnotations;

namespace PhysIntuition.Environments.Options;

/// <summary>What the self-supervised tasks let their users choose.</summary>
public sealed record SslOptions : ColumnOptions
{
    /// <summary>Name of a picture folder that this server knows; empty draws scenes with towers.</summary>
    [StringLength(64)]
    public string Pictures { get; init; } = "";
}

/// <summary>What tasks over photographs let their users choose.</summary>
public sealed record PhotoOptions : TaskOptions
{
    /// <summary>Name of a labelled picture folder that this server knows.</summary>
    [StringLength(64)]
    public string Pictures { get; init; } = "towers";

    /// <summary>How answers are paid.</summary>
    public YesNoReward Reward { get; init; }
}
