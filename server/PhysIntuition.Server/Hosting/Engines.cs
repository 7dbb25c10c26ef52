using PhysIntuition.Rendering.Gpu;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Server.Hosting;

/// <summary>Chooses what simulates and what draws.</summary>
internal static partial class Engines
{
    /// <summary>Adds both as the options say.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(Simulator);
        services.AddSingleton(Renderer);
    }

    private static ISimulator Simulator(IServiceProvider provider) => Options(provider).Simulator == "bepu"
        ? (ISimulator)Activator.CreateInstance(EngineOptions.BepuSimulator!)!
        : new BatchSimulator(new() { LaneWidth = Width(provider), Threads = Options(provider).Threads });

    // The processor and CUDA give the same bytes: which of them draws is a matter of speed alone.
    private static IRenderer Renderer(IServiceProvider provider)
    {
        var options = Options(provider);
        if (options.RenderDevice == "cpu")
        {
            return new CpuRenderer(Width(provider), options.Threads);
        }

        var logger = provider.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Engines).FullName!);
        if (CudaRenderer.TryCreate(out var cuda, out var reason, options.Threads))
        {
            Log.DrawsOnCuda(logger, cuda.Device);
            return cuda;
        }

        if (options.RenderDevice == "cuda")
        {
            const string setting = $"{EngineOptions.Section}:RenderDevice";
            throw new PhysIntuitionException(
                Fault.Unavailable, setting, $"{setting} is 'cuda'. {reason} Install it, or take 'auto' or 'cpu'.");
        }

        Log.DrawsOnProcessor(logger, reason);
        return new CpuRenderer(Width(provider), options.Threads);
    }

    private static EngineOptions Options(IServiceProvider provider) =>
        provider.GetRequiredService<IOptions<EngineOptions>>().Value;

    private static LaneWidth Width(IServiceProvider provider) =>
        LaneWidths.Resolve((LaneWidth)Options(provider).Lanes);

    private static partial class Log
    {
        [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "Pictures are drawn on {Device}.")]
        public static partial void DrawsOnCuda(ILogger logger, string device);

        [LoggerMessage(EventId = 402, Level = LogLevel.Information,
            Message = "Pictures are drawn on the processor. {Reason}")]
        public static partial void DrawsOnProcessor(ILogger logger, string reason);
    }
}
