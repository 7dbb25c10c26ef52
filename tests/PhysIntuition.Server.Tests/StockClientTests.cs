using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Sessions;

namespace PhysIntuition.Server.Tests;

/// <summary>gRPC's own library in another language against our service, without a client of ours between.</summary>
public sealed class StockClientTests
{
    private static readonly string[] s_checks =
    [
        "unary", "statuses", "large", "server_streaming", "duplex_streaming", "deadline", "cancel",
        "thousand_streams", "gzip", "unknown_method", "unreadable",
    ];

    [Fact]
    public async Task Grpcio_EveryKindOfCall_IsAnsweredAsGrpcHasIt()
    {
        await using var server = await RunningServer.StartAsync();
        using var client = Process.Start(new ProcessStartInfo("/usr/bin/python3",
        [
            Path.Combine(Repository.Root, "tests/PhysIntuition.Server.Tests/stock_client.py"),
            $"127.0.0.1:{server.Address.Port}",
            Path.Combine(Repository.Root, "clients/python"),
        ])
        {
            RedirectStandardOutput = true,
        })!;

        var report = await client.StandardOutput.ReadToEndAsync().WaitAsync(2 * RunningServer.Patience);

        Assert.Equal(
            [.. s_checks.Select(check => $"ok {check}")],
            report.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await Given.SoonAsync(() => server.Services.GetRequiredService<Quota>() is { Slots: <= 32, Requests: 0 });
    }
}
