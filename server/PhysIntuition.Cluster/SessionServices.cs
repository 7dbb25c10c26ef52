using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Storage;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Cluster;

/// <summary>What the durable sessions of one server share.</summary>
internal sealed class SessionServices(
    [FromKeyedServices(SessionServices.Storage)] IGrainStorage storage, EnvironmentServices environments, Quota quota,
    ICallers callers, IOptions<ClusterOptions> options, ClusterMetrics metrics, TimeProvider time,
    ILogger<SessionGrain> logger)
{
    private readonly Caller _nobody = new("durable sessions", Scopes.Play, quota);

    /// <summary>Name of the storage.</summary>
    public const string Storage = "sessions";

    /// <summary>The calls; whether this server drains is a matter between its sessions and the others.</summary>
    public EnvironmentCalls Calls { get; } = new(environments, new Drain(CancellationToken.None));


    /// <summary>Calls after which a journal becomes a snapshot.</summary>
    public int SnapshotEvery => options.Value.SnapshotEvery;

    /// <summary>Sessions that are awake on this server, by id.</summary>
    public ConcurrentDictionary<string, SessionGrain> Awake { get; } = new(StringComparer.Ordinal);

    /// <summary>What is measured.</summary>
    public ClusterMetrics Metrics => metrics;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Where failures are logged.</summary>
    public ILogger Logger => logger;

    /// <summary>Who pays on this server for a session that may have been opened at another.</summary>
    /// <param name="token">Id of an API token.</param>
    /// <returns>Its caller, or one without limits of its own: a session outlives its token.</returns>
    public Caller OwnerOf(string token) =>
        callers.FindCaller(token) is { HasEnded: false } caller ? caller : _nobody;

    /// <summary>The records of a session.</summary>
    public RecordStore StoreOf(GrainId session) => new(storage, session, options.Value.Patience, time);
}
