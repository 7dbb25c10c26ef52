using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Requests that open something, sent twice; files that a killed server left.</summary>
public sealed class RetryTests
{
    [Fact]
    public async Task Create_SentAgainUnderItsNumber_OpensOneEnvironment()
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        var request = Given.Create(3, "rgb");
        (request.CreateId, request.SharedBuffers) = (7, 2);
        var first = await server.Stub.CreateAsync(request, headers);
        var again = await server.Stub.CreateAsync(request, headers);
        request.CreateId = 8;
        var other = await server.Stub.CreateAsync(request, headers);

        Assert.Equal(first, again);
        Assert.NotEqual(first.Environment.Environment, other.Environment.Environment);
        Assert.Equal(6, server.Services.GetRequiredService<Quota>().Slots);
    }

    [Fact]
    public async Task Fork_SentAgainAfterTheFirstMovedOn_ShowsTheForkAsItWasMade()
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        var request = Given.Create(2, "state", "steps");
        request.Autoreset = AutoresetMode.Disabled;
        await server.Stub.CreateAsync(request, headers);
        await server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 5 }, headers);
        var fork = new ForkRequest { Environment = 1, CreateId = 9 };
        var first = await server.Stub.ForkAsync(fork, headers);
        await server.Stub.StepAsync(Given.Step(1, rows: 2), headers);
        var again = await server.Stub.ForkAsync(fork, headers);

        Assert.Equal(first.Environment.Environment, again.Environment.Environment);
        Assert.Equal(first.Observations, again.Observations);
        Assert.Equal(4, server.Services.GetRequiredService<Quota>().Slots);
    }

    [Fact]
    public void RemoveOrphans_OfFilesWithAndWithoutALiveOwner_TakesOnlyTheLatter()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This machine has no /dev/shm.");
        using var live = SharedBuffers.TryCreate(2, 4096, out _)!;
        var orphan = $"/dev/shm/physintuition-test-{Guid.NewGuid():N}";
        File.WriteAllText(orphan, "left behind");
        var removed = SharedBuffers.RemoveOrphans();

        Assert.InRange(removed, 1, int.MaxValue);
        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(live.Describe().Path));
    }
}
