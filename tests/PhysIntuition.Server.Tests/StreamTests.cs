using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.Server.Sessions;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Faults;
using PhysIntuition.Server.Services;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>The pipelined stream: one reply for each request, in order within an environment.</summary>
public sealed class StreamTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    [Fact]
    public async Task Run_ManyRequestsInFlight_AnswersEachOnceAndInOrder()
    {
        const int steps = 1000;
        using var stream = shared.Server.Stub.Run(await shared.Server.OpenAsync());
        await WriteAsync(stream, new RunRequest { RequestId = 1, Create = Given.Create(4) });
        await WriteAsync(stream, new RunRequest
        {
            RequestId = 2,
            Reset = new ResetRequest { Environment = 1, Seed = 1, StepId = 1 },
        });
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < steps; i++)
            {
                await WriteAsync(stream, new RunRequest
                {
                    RequestId = (ulong)(3 + i),
                    Step = Given.Step(1, rows: 4, stepId: (ulong)(2 + i)),
                });
            }

            await stream.RequestStream.CompleteAsync();
        });

        var replies = await ReadAllAsync(stream);
        await writing;

        Assert.Equal(Enumerable.Range(1, steps + 2).Select(id => (ulong)id), replies.Select(reply => reply.RequestId));
        Assert.All(replies.Skip(2), reply => Assert.Equal(RunReply.ResultOneofCase.Step, reply.ResultCase));
    }

    [Fact]
    public async Task Run_ARefusedRequest_GetsAnErrorReplyAndTheNextOneGoesOn()
    {
        using var stream = shared.Server.Stub.Run(await shared.Server.OpenAsync());
        await WriteAsync(stream, new RunRequest { RequestId = 7, Step = Given.Step(5, rows: 1) });
        await WriteAsync(stream, new RunRequest { RequestId = 8 });
        await WriteAsync(stream, new RunRequest { RequestId = 9, Create = Given.Create(1) });
        await stream.RequestStream.CompleteAsync();

        var replies = await ReadAllAsync(stream);

        Assert.Equal((7ul, "UNKNOWN_ENVIRONMENT"), (replies[0].RequestId, replies[0].Error.Reason));
        Assert.Equal((8ul, "NO_CALL"), (replies[1].RequestId, replies[1].Error.Reason));
        Assert.Equal(1u, replies[2].Create.Environment.Environment);
    }

    [Fact]
    public async Task Run_TwoEnvironments_DoNotWaitForOneAnother()
    {
        await using var server = await RunningServer.StartAsync("Engine:Threads=2");
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest());
        using var stream = server.Stub.Run(RunningServer.Headers(session));
        await WriteAsync(stream, new RunRequest { RequestId = 1, Create = Given.Create(1) });
        await WriteAsync(stream, new RunRequest { RequestId = 2, Create = Given.Create(1) });
        Assert.Equal((1ul, 2ul), (await NextIdAsync(stream), await NextIdAsync(stream)));
        var first = server.Services.GetRequiredService<SessionStore>().Find(session.Id, session.Token).Find(1);
        var stone = await Stone.LayAsync(server.Services.GetRequiredService<Scheduler>(), first.Lane);
        await WriteAsync(stream, new RunRequest
            { RequestId = 3, Reset = new ResetRequest { Environment = 1, Seed = 1 } });
        await WriteAsync(stream, new RunRequest
            { RequestId = 4, Reset = new ResetRequest { Environment = 2, Seed = 1 } });

        var early = await NextIdAsync(stream);
        var wasWaiting = !stone.IsPassed;
        stone.Lift();
        var late = await NextIdAsync(stream);

        Assert.Equal((4ul, 3ul), (early, late));
        Assert.True(wasWaiting);
    }

    [Fact]
    public async Task Run_WhenTheServerStops_AnswersWhatIsInFlightAndSaysUnavailable()
    {
        await using var server = await RunningServer.StartAsync();
        using var stream = server.Stub.Run(await server.OpenAsync());
        await WriteAsync(stream, new RunRequest { RequestId = 1, Create = Given.Create(4096) });
        await WriteAsync(stream, new RunRequest
            { RequestId = 2, Reset = new ResetRequest { Environment = 1, Seed = 1 } });
        await WriteAsync(stream, new RunRequest { RequestId = 3, Create = Given.Create(1) });
        // The server reads in order: once it has answered the third, the long second is in flight.
        var answered = new HashSet<ulong>();
        while (!answered.Contains(3))
        {
            Assert.True(await ReadAsync(stream));
            answered.Add(stream.ResponseStream.Current.RequestId);
        }

        var stopping = server.StopAsync();
        while (answered.Count < 3)
        {
            Assert.True(await ReadAsync(stream));
            answered.Add(stream.ResponseStream.Current.RequestId);
        }

        var end = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(stream));

        Assert.Equal([1ul, 2ul, 3ul], answered.Order());
        Assert.Equal(StatusCode.Unavailable, end.StatusCode);
        await stopping.WaitAsync(RunningServer.Patience);
    }

    [Fact]
    public async Task Run_WithACallThatADrainingServerCannotReach_EndsWithoutItsReply()
    {
        using var stop = new CancellationTokenSource();
        var drain = new Drain(stop.Token);
        var replies = new MessageTarget.Replies();
        var loop = new RunLoop(
            _ =>
            {
                stop.Cancel();   // while the call looks for its session, as those of durable ones do
                drain.ThrowIfStarted();
                return Task.FromResult(new Held<RunReply>(new RunReply()));
            },
            new LimitOptions(), NullLogger.Instance, CancellationToken.None);

        var end = await Assert.ThrowsAsync<PhysIntuitionException>(() => loop.RunAsync(
            new MessageTarget.One(new RunRequest { RequestId = 1 }), replies, stop.Token)
            .WaitAsync(RunningServer.Patience));

        Assert.Equal(Drain.Reason, end.Reason);
        Assert.Null(replies.Reply);   // its client asks elsewhere, as after any end of a stream
    }

    private static async Task<ulong> NextIdAsync(AsyncDuplexStreamingCall<RunRequest, RunReply> stream)
    {
        Assert.True(await ReadAsync(stream));
        return stream.ResponseStream.Current.RequestId;
    }

    private static Task WriteAsync(AsyncDuplexStreamingCall<RunRequest, RunReply> stream, RunRequest request) =>
        stream.RequestStream.WriteAsync(request).WaitAsync(RunningServer.Patience);

    private static Task<bool> ReadAsync(AsyncDuplexStreamingCall<RunRequest, RunReply> stream) =>
        stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(RunningServer.Patience);

    private static async Task<List<RunReply>> ReadAllAsync(AsyncDuplexStreamingCall<RunRequest, RunReply> stream)
    {
        var replies = new List<RunReply>();
        while (await ReadAsync(stream))
        {
            replies.Add(stream.ResponseStream.Current);
        }

        return replies;
    }
}
