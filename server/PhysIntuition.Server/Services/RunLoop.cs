using System.Threading.Channels;
using Grpc.Core;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Hosting;
using PhysIntuition.Server.Sessions;
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
    private readonly Session _session;
    private readonly bool _isLocal;
    private readonly ILogger _logger;
    private readonly CancellationToken _cancellation;
    private readonly SemaphoreSlim _room;
    private readonly int _capacity;

    private readonly Channel<(RunReply Reply, EnvironmentWork? Work)> _replies =
        Channel.CreateUnbounded<(RunReply, EnvironmentWork?)>(new() { SingleReader = true });

    /// <summary>A loop for one call of Run.</summary>
    /// <param name="calls">What it calls.</param>
    /// <param name="session">For whom.</param>
    /// <param name="isLocal">The caller runs on this machine.</param>
    /// <param name="logger">Where refusals are logged.</param>
    /// <param name="cancellation">Fires when the stream breaks.</param>
    public RunLoop(
        EnvironmentCalls calls, Session session, bool isLocal, ILogger logger, CancellationToken cancellation)
    {
        (_calls, _session, _isLocal, _logger, _cancellation) = (calls, session, isLocal, logger, cancellation);
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
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_cancellation, drain);
        try
        {
            while (await requests.MoveNext(either.Token))
            {
                await _room.WaitAsync(_cancellation);
                Begin(requests.Current);
            }
        }
        catch (Exception ended) when (drain.IsCancellationRequested && !_cancellation.IsCancellationRequested &&
            ended is OperationCanceledException or RpcException)
        {
            // What is in flight is still answered; RunAsync then says why the stream ends.
        }
    }

    private void Begin(RunRequest request)
    {
        var hasEntered = false;
        try
        {
            _session.Enter();
            hasEntered = true;
            switch (request.CallCase)
            {
                case RunRequest.CallOneofCase.Create:
                    Answer(request, reply => reply.Create = _calls.Create(_session, request.Create, _isLocal));
                    break;
                case RunRequest.CallOneofCase.Close:
                    Answer(request, reply => reply.Close = Close(request.Close.Environment));
                    break;
                case RunRequest.CallOneofCase.Score:
                    _ = ScoreAsync(request);
                    break;
                default:
                    var work = _calls.Begin(_session, request, (done, failure) =>
                        Complete(request, done, failure), _cancellation);
                    _calls.Services.Scheduler.Submit(work);
                    break;
            }
        }
        catch (Exception failure)
        {
            if (hasEntered)
            {
                _session.Leave();
            }

            Post(request, null, failure);
        }
    }

    private async Task ScoreAsync(RunRequest request)
    {
        try
        {
            var score = await _calls.ScoreAsync(
                _session.Owner, _session.Share, request.Score, _cancellation);
            Answer(request, reply => reply.Score = score);
        }
        catch (Exception failure)
        {
            _session.Leave();
            Post(request, null, failure);
        }
    }

    private CloseReply Close(uint environment)
    {
        _session.Remove(environment);
        return new CloseReply();
    }

    private void Answer(RunRequest request, Action<RunReply> fill)
    {
        var reply = new RunReply { RequestId = request.RequestId };
        fill(reply);
        _session.Leave();
        _replies.Writer.TryWrite((reply, null));
    }

    private void Complete(RunRequest request, EnvironmentWork work, Exception? failure)
    {
        _session.Leave();
        Post(request, work, failure);
    }

    private void Post(RunRequest request, EnvironmentWork? work, Exception? failure)
    {
        var reply = new RunReply { RequestId = request.RequestId };
        if (failure is null)
        {
            work!.Fill(reply);
        }
        else
        {
            reply.Error = FaultInterceptor.Describe(_logger, failure, request.CallCase.ToString());
        }

        _replies.Writer.TryWrite((reply, work));
    }

    // Runs to the end of the channel whatever happens to the stream, so that every page is let go.
    private async Task WriteAsync(IServerStreamWriter<RunReply> responses)
    {
        var isBroken = false;
        await foreach (var (reply, work) in _replies.Reader.ReadAllAsync(CancellationToken.None))
        {
            try
            {
                if (!isBroken)
                {
                    await responses.WriteAsync(reply, _cancellation);
                }
            }
            catch (Exception failure) when (
                failure is OperationCanceledException or IOException or InvalidOperationException or RpcException)
            {
                isBroken = true;
            }
            finally
            {
                work?.Page?.Release();
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
