namespace PhysIntuition.Server;

/// <summary>How worlds are computed. Section <c>PhysIntuition:Engine</c>; only the simulator changes results.</summary>
public sealed record EngineOptions : ISection
{
    /// <summary>Configuration path of this section.</summary>
    public const string Section = "PhysIntuition:Engine";

    /// <summary>Worker threads; 0: one for each processor.</summary>
    [Within(0, 1024)]
    public int Threads { get; init; }

    /// <summary>Vector lanes: 1, 8, 16, or 0 for the widest that the processor has.</summary>
    [OneOf(0, 1, 8, 16)]
    public int Lanes { get; init; }

    /// <summary>What simulates: canonical, or bepu (other outcomes) in a build with -p:Bepu=true.</summary>
    [OneOf("canonical", "bepu")]
    public string Simulator { get; init; } = "canonical";

    /// <summary>What draws: cpu, cuda, or auto for CUDA where a driver is found. Same bytes.</summary>
    [OneOf("cpu", "cuda", "auto")]
    public string RenderDevice { get; init; } = "auto";

    /// <summary>Secret that held-out scenes are derived from; empty: a new one with every start.</summary>
    public string HeldoutSecret { get; init; } = "";

    /// <summary>Secret that snapshots are sealed with; empty: a new one with every start.</summary>
    /// <remarks>Servers that share it restore each other's snapshots.</remarks>
    public string SnapshotSecret { get; init; } = "";

    // By name: only a build with -p:Bepu=true has that project beside it. Null: this build cannot.
    internal static Type? BepuSimulator { get; } =
        Type.GetType("PhysIntuition.Simulation.Bepu.BepuSimulator, PhysIntuition.Simulation.Bepu");

    static string ISection.Path => Section;

    IEnumerable<SettingFault> ISection.Check()
    {
        if (Simulator == "bepu" && BepuSimulator is null)
        {
            yield return new SettingFault(nameof(Simulator), Simulator,
                "this build has the canonical engine alone: take canonical, or build with -p:Bepu=true " +
                "(docs/physics.md)");
        }
    }
}
