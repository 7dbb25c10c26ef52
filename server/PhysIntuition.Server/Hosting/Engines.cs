using Microsoft.Extensions.Options;
using PhysIntuition.Rendering;
using PhysIntuition.Server.Options;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Server.Hosting;

/// <summary>Chooses what simulates and what draws.</summary>
internal static class Engines
{
    /// <summary>Adds both as the options say.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton<ISimulator>(provider => new BatchSimulator(new SimulatorOptions
        {
            LaneWidth = Width(provider),
            Threads = provider.GetRequiredService<IOptions<EngineOptions>>().Value.Threads,
        }));
        services.AddSingleton<IRenderer>(provider =>
            new CpuRenderer(Width(provider), provider.GetRequiredService<IOptions<EngineOptions>>().Value.Threads));
    }

    private static LaneWidth Width(IServiceProvider provider) =>
        LaneWidths.Resolve((LaneWidth)provider.GetRequiredService<IOptions<EngineOptions>>().Value.Lanes);
}
