using System.Threading.Channels;
using Grpc.Core;
using PhysIntuition.Server.Faults;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Services;

/// <summary>One pipelined stream: reads requests as long as there is room, writes replies as they come.</summary>
/// <remarks>
/// Nothing queues without bound: when as many requests are in flight as the session may have, reading stops, and
/// HTTP/2's flow control stops the client.
/// </remarks>
internal sealed class RunLoop
{
    private readonly EnvironmentCalls _calls;
    private readonly CallContext _context;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _room;
    private readonly int _capacity;

    private readonly Channel<Held<RunReply>> _replies =
        Channel.CreateUnbounded<Held<RunReply>>(new() { SingleReader = true });

    /// <summary>A loop for one call of Run.</summary>
    /// <param name="calls">What it calls.</param>
    /// <param name="context">For whom; its cancellation fires when the stream breaks.</param>
    /// <param name="logger">Where refusals are logged.</param>
    public RunLoop(EnvironmentCalls calls, CallContext context, ILogger logger)
    {
        (_calls, _context, _logger) = (calls, context with { IsToldInOrder = true }, logger);
        // Half of the session's places: unary calls beside the stream are not refused because of it.
        _capacity = Math.Max(1, calls.Services.Quota.Limits.MaxRequestsPerSession / 2);
        _room = new SemaphoreSlim(_capacity);
    }

    /// <summary>Serves the stream until the client ends it or the server drains.</summary>
    public async Task RunAsync(
        IAsyncStreamReader<RunRequest> requests, IServerStreamWriter<RunReply> responses, CancellationToken drain)
    {
        var writing = WriteAsync(responses);
        try
        {
            await ReadAsync(requests, drain);
        }
        finally
        {
            await WaitForAllAsync();   // also when the stream is broken: each reply lets its page go
            _replies.Writer.TryComplete();
            await writing;
        }

        if (drain.IsCancellationRequested)
        {
            throw Drain.ToException();
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<RunRequest> requests, CancellationToken drain)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_context.Cancellation, drain);
        try
        {
            while (await requests.MoveNext(either.Token))
            {
                await _room.WaitAsync(_context.Cancellation);
                _ = AnswerAsync(requests.Current);
            }
        }
        catch (Exception ended) when (drain.IsCancellationRequested && !_context.Cancellation.IsCancellationRequested &&
            ended is OperationCanceledException or RpcException)
        {
            // What is in flight is still answered; RunAsync then says why the stream ends.
        }
    }

    // Goes on on the worker that answered, before the environment's next call: its replies keep their order.
    private async Task AnswerAsync(RunRequest request)
    {
        var reply = new Held<RunReply>(new RunReply());
        try
        {
            _context.Session.Enter();
            try
            {
                reply = await _calls.RunAsync(_context, request);
            }
            finally
            {
                _context.Session.Leave();
            }
        }
        catch (Exception failure)
        {
            reply.Message.Error = FaultInterceptor.Describe(_logger, failure, request.CallCase.ToString());
        }

        reply.Message.RequestId = request.RequestId;
        _replies.Writer.TryWrite(reply);
    }

    // Runs to the end of the channel whatever happens to the stream, so that every page is let go.
    private async Task WriteAsync(IServerStreamWriter<RunReply> responses)
    {
        var isBroken = false;
        await foreach (var reply in _replies.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!isBroken)
                {
                    await responses.WriteAsync(reply.Message, _context.Cancellation);
                }
            }
            catch (Exception failure) when (
                failure is OperationCanceledException or IOException or InvalidOperationException or RpcException)
            {
                isBroken = true;
            }
            finally
            {
                reply.Dispose();
                _room.Release();
            }
        }
    }

    private async Task WaitForAllAsync()
    {
        for (var i = 0; i < _capacity; i++)
        {
            await _room.WaitAsync(CancellationToken.None);
        }
    }
}
