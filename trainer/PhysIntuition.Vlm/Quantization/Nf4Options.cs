namespace PhysIntuition.Vlm.Quantization;

/// <summary>Which linear layers are held in four bits, and how.</summary>
public sealed record Nf4Options
{
    /// <summary>Stores the blocks' scales in eight bits as well.</summary>
    public bool IsDouble { get; init; }

    /// <summary>Layers whose path contains one of these stay dense; the output head unless changed.</summary>
    public IReadOnlyList<string> SkippedModules { get; init; } = ["lm_head"];

    internal bool Skips(string path) =>
        SkippedModules.Any(name => $".{path}.".Contains($".{name}.", StringComparison.Ordinal));
}
