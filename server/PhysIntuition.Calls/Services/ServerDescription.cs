using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Encoding;
using PhysIntuition.Simulation.Lanes;

namespace PhysIntuition.Server.Services;

/// <summary>What the server says of itself and its tasks; made once.</summary>
internal sealed class ServerDescription
{
    private const uint Protocol = 1;

    private static readonly string[] s_features =
    [
        "snapshot", "fork", "score", "dataset", "shared-memory", "jpeg",
    ];

    private readonly Dictionary<string, TaskInfo> _byId = new(StringComparer.OrdinalIgnoreCase);

    public ServerDescription(
        ISimulator simulator, IRenderer renderer, IOptions<LimitOptions> limits, IOptions<LeaseOptions> sessions,
        IOptions<EngineOptions> engine, ListTasksReply tasks, IOptions<ClusterOptions>? cluster = null)
    {
        Info = new ServerInfo
        {
            Version = Version,
            Protocol = Protocol,
            Simulator = simulator.Name,
            Renderer = renderer.Name,
            Lanes = (uint)LaneWidths.Resolve((LaneWidth)engine.Value.Lanes),
            Threads = (uint)(engine.Value.Threads > 0 ? engine.Value.Threads : Environment.ProcessorCount),
            Features = { s_features, cluster?.Value.Store.Length > 0 ? ["durable"] : Array.Empty<string>() },
            Limits = ToLimits(limits.Value, sessions.Value),
        };
        Tasks = tasks;
        foreach (var info in Tasks.Tasks)
        {
            _byId.Add(info.Id, info);
        }
    }

    /// <summary>The server's version.</summary>
    public static string Version { get; } =
        typeof(ServerDescription).Assembly.GetName().Version?.ToString(fieldCount: 3) ?? "0.0.0";

    /// <summary>The reply to GetServerInfo.</summary>
    public ServerInfo Info { get; }

    /// <summary>The reply to ListTasks.</summary>
    public ListTasksReply Tasks { get; }

    /// <summary>The reply to GetTask.</summary>
    /// <exception cref="PhysIntuitionException">There is no such task; the message lists what there is.</exception>
    public TaskInfo Task(string id) => _byId[TaskCatalog.Find(id).Spec.Id];

    private static Limits ToLimits(LimitOptions limits, LeaseOptions sessions) => new()
    {
        MaxSessions = (uint)limits.MaxSessions,
        MaxEnvironmentsPerSession = (uint)limits.MaxEnvironmentsPerSession,
        MaxSlotsPerEnvironment = (uint)limits.MaxSlotsPerEnvironment,
        MaxSlotsPerSession = (uint)limits.MaxSlotsPerSession,
        MaxSlots = (uint)limits.MaxSlots,
        MaxPictureEdge = (uint)limits.MaxPictureEdge,
        MaxMessageBytes = (ulong)limits.MaxMessageBytes,
        MaxRequestsInFlight = (uint)limits.MaxRequestsPerSession,
        MaxScoreAnswers = (uint)limits.MaxScoreAnswers,
        MaxDatasetRows = (uint)limits.MaxDatasetRows,
        MaxTextBytes = (uint)limits.MaxTextBytes,
        MaxReplayWindow = (uint)limits.MaxReplayWindow,
        MaxLeaseSeconds = (uint)sessions.MaxLease.TotalSeconds,
    };
}
