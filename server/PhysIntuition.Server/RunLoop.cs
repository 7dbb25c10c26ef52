using System.Threading.Channels;
using Grpc.Core;

namespace PhysIntuition.Server;

/// <summary>One pipelined stream: reads requests as long as there is room, writes replies as they come.</summary>
/// <remarks>
/// Nothing queues without bound: when as many requests are in flight as the session may have, reading stops, and
/// HTTP/2's flow control stops the client.
/// </remarks>
internal sealed class RunLoop
{
    private readonly Func<RunRequest, Task<Held<RunReply>>> _run;
    private readonly CancellationToken _cancellation;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _room;
    private readonly int _capacity;

    private readonly Channel<Held<RunReply>> _replies =
        Channel.CreateUnbounded<Held<RunReply>>(new() { SingleReader = true });

    /// <summary>A loop for one call of Run.</summary>
    /// <param name="run">Carries out one request.</param>
    /// <param name="limits">How many may be in flight.</param>
    /// <param name="logger">Where refusals are logged.</param>
    /// <param name="cancellation">Fires when the stream breaks.</param>
    public RunLoop(
        Func<RunRequest, Task<Held<RunReply>>> run, LimitOptions limits, ILogger logger, CancellationToken cancellation)
    {
        (_run, _logger, _cancellation) = (run, logger, cancellation);
        // Half of the session's places: unary calls beside the stream are not refused because of it.
        _capacity = Math.Max(1, limits.MaxRequestsPerSession / 2);
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_cancellation, drain);
        try
        {
            while (await requests.MoveNext(either.Token))
            {
                await _room.WaitAsync(_cancellation);
                _ = AnswerAsync(requests.Current, drain);
            }
        }
        catch (Exception ended) when (drain.IsCancellationRequested && !_cancellation.IsCancellationRequested &&
            ended is OperationCanceledException or RpcException)
        {
            // What is in flight is still answered; RunAsync then says why the stream ends.
        }
    }

    // Goes on on the worker that answered, before the environment's next call: its replies keep their order.
    private async Task AnswerAsync(RunRequest request, CancellationToken drain)
    {
        var reply = new Held<RunReply>(new RunReply());
        try
        {
            reply = await _run(request);
        }
        catch (PhysIntuitionException gone) when (gone.Reason == Drain.Reason && drain.IsCancellationRequested)
        {
            _room.Release();   // The stream ends with these words, and its client asks at another server.
            return;
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
                    await responses.WriteAsync(reply.Message, _cancellation);
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
