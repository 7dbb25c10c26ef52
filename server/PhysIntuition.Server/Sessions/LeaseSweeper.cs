using Microsoft.Extensions.Options;
using PhysIntuition.Server.Options;

namespace PhysIntuition.Server.Sessions;

/// <summary>Looks for expired leases as long as the server runs.</summary>
internal sealed class LeaseSweeper(SessionStore sessions, IOptions<LeaseOptions> options, TimeProvider time)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            sessions.Sweep();
        }
    }
}
