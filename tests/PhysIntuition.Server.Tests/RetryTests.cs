using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Services;
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
    public async Task SharedMemory_AfterRefusedCallsAndABrokenStream_HasAllItsBuffers()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This machine has no /dev/shm.");
        await using var server = await RunningServer.StartAsync();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest());
        var headers = RunningServer.Headers(session);
        var create = Given.Create(1, "rgb");
        create.SharedBuffers = 2;
        await server.Stub.CreateAsync(create, headers);
        var render = new RenderRequest { Environment = 1 };
        for (var i = 0; i < 2; i++)
        {
            await Given.RefusalAsync(server.Stub.RenderAsync(render, headers)); // before Reset
        }

        await server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);
        var environment = server.Services.GetRequiredService<SessionStore>().Find(session.Id, session.Token).Find(1);
        var stone = await Stone.LayAsync(server.Services.GetRequiredService<Scheduler>(), environment.Lane);
        var calls = server.Services.GetRequiredService<EnvironmentCalls>();
        var sessions = server.Services.GetRequiredService<SessionStore>();
        var context = new CallContext(sessions.Find(session.Id, session.Token)) { IsLocal = true };
        var loop = new RunLoop(
            calls.RunnerOf(context), calls.Services.Quota.Limits, NullLogger.Instance, CancellationToken.None);
        var broken = loop.RunAsync(new BrokenStream(render, render), new BrokenStream(), CancellationToken.None);
        stone.Lift();
        await Assert.ThrowsAsync<IOException>(() => broken.WaitAsync(RunningServer.Patience));

        // Both buffers in turn; a reply without an offset carries its pictures itself.
        for (var i = 0; i < 2; i++)
        {
            var reply = await server.Stub.RenderAsync(render, headers);
            Assert.NotEqual(0ul, reply.Observations[0].Tensor.MemoryOffset);
        }
    }

    [Fact]
    public async Task SharedMemory_OfAServerThatStops_IsRemoved()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This machine has no /dev/shm.");
        string path;
        await using (var server = await RunningServer.StartAsync())
        {
            var create = Given.Create(1, "rgb");
            create.SharedBuffers = 2;
            path = (await server.Stub.CreateAsync(create, await server.OpenAsync())).SharedMemory.Path;
            Assert.True(File.Exists(path));
        }

        Assert.False(File.Exists(path));
    }

    [Fact]
    public void RemoveOrphans_OfFilesWithAndWithoutALiveOwner_TakesOnlyTheLatter()
    {
        Assert.SkipUnless(Directory.Exists("/dev/shm"), "This machine has no /dev/shm.");
        using var live = SharedBuffers.TryCreate(2, 4096, out _)!;
        var orphan = $"/dev/shm/physintuition-test-{Guid.NewGuid():N}";
        File.WriteAllText(orphan, "left behind");
        SharedBuffers.RemoveOrphans(); // or another server of this machine that starts right now

        Assert.False(File.Exists(orphan));
        Assert.True(File.Exists(live.Describe().Path));
    }

    /// <summary>A stream that breaks after some requests, and takes no reply.</summary>
    private sealed class BrokenStream(params RenderRequest[] requests)
        : IAsyncStreamReader<RunRequest>, IServerStreamWriter<RunReply>
    {
        private int _next;

        public RunRequest Current => new() { RequestId = (ulong)_next, Render = requests[_next - 1] };

        public WriteOptions? WriteOptions { get; set; }

        public Task<bool> MoveNext(CancellationToken cancellationToken) => _next++ < requests.Length
            ? Task.FromResult(true)
            : Task.FromException<bool>(new IOException("The connection is gone."));

        public Task WriteAsync(RunReply message) => Task.FromException(new IOException("The connection is gone."));
    }
}
