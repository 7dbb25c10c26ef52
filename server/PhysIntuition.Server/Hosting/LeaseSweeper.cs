using Microsoft.Extensions.Options;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Hosting;

/// <summary>Looks for expired leases as long as the server runs.</summary>
internal sealed partial class LeaseSweeper(
    SessionStore sessions, IOptions<LeaseOptions> options, TimeProvider time, ILogger<LeaseSweeper> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (SharedBuffers.RemoveOrphans() is > 0 and var removed)
        {
            Log.RemovedOrphans(logger, removed);
        }

        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            sessions.Sweep();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventId = 211, Level = LogLevel.Information,
            Message = "Removed {Count} files of shared memory that a killed server left behind.")]
        public static partial void RemovedOrphans(ILogger logger, int count);
    }
}
