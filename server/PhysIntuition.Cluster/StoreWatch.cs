using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace PhysIntuition.Server.Cluster;

/// <summary>Ends a server whose store was emptied: its durable sessions are lost, and others do not meet it. Lets none
/// that ends look for a store that is away.</summary>
/// <param name="store">Of the cluster.</param>
/// <param name="secret">That it had when the server joined.</param>
/// <param name="host">What is ended.</param>
/// <param name="options">How long its requests may take to end.</param>
/// <param name="membership">How long a silo tries to say in the store that it ends.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where it is said.</param>
internal sealed partial class StoreWatch(
    IClusterStore store, string secret, IHostApplicationLifetime host, IOptions<HostOptions> options,
    IOptions<ClusterMembershipOptions> membership, TimeProvider time, ILogger<StoreWatch> logger) : BackgroundService
{
    private const int LastWords = 3;   // that it shuts down, stops, is dead; a minute each, were it left to Orleans

    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ends = host.ApplicationStopping.Register(() =>
            membership.Value.MaxJoinAttemptTime = options.Value.ShutdownTimeout / LastWords);
        using var timer = new PeriodicTimer(s_every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (await FindAsync() is { } found && found != secret)
            {
                Log.Emptied(logger);
                host.StopApplication();
                await Task.Delay(options.Value.ShutdownTimeout, time, CancellationToken.None);
                Environment.Exit(1);   // A silo would go on to look for its entry in the store.
            }
        }
    }

    // A store that does not answer is waited for: whoever needs it says so.
    private async Task<string?> FindAsync()
    {
        try
        {
            return await store.FindSecretAsync();
        }
        catch (Exception)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 503, Level = LogLevel.Warning,
            Message = "The cluster's store was emptied, and durable sessions are lost. This server ends; start it " +
                "again.")]
        public static partial void Emptied(ILogger logger);
    }
}
