using System.Threading.Channels;
using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Client;

/// <summary>All calls of a client on one pipelined stream; repairs it when the connection breaks.</summary>
/// <remarks>
/// Requests stay in order. After a break the session is resumed and every unanswered request is sent again; numbered
/// ones are answered from the server's record if they were carried out before, so none is done twice.
/// </remarks>
internal sealed class Conversation : IAsyncDisposable
{
    private readonly EnvironmentService.EnvironmentServiceClient _stub;
    private readonly SessionLink _session;
    private readonly TimeSpan _reconnectFor;
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, PendingCall> _pending = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private Channel<RunRequest> _outgoing = NewChannel();
    private ulong _lastId;
    private Exception? _failure;

    /// <summary>Begins at once; the session is open already.</summary>
    public Conversation(
        EnvironmentService.EnvironmentServiceClient stub, SessionLink session, TimeSpan reconnectFor)
    {
        (_stub, _session, _reconnectFor) = (stub, session, reconnectFor);
        _running = RunAsync();
    }

    /// <summary>Sends a request and waits for its reply.</summary>
    /// <exception cref="EnvironmentException">The server refused it, or the session is lost.</exception>
    public async Task<RunReply> CallAsync(RunRequest request, CancellationToken cancellation)
    {
        var call = new PendingCall(request);
        lock (_lock)
        {
            if (_failure is not null)
            {
                throw _failure;
            }

            request.RequestId = ++_lastId;
            _pending.Add(request.RequestId, call);
            _outgoing.Writer.TryWrite(request);
        }

        var reply = await call.Reply.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return reply.ResultCase == RunReply.ResultOneofCase.Error
            ? throw new EnvironmentException(reply.Error)
            : reply;
    }

    public async ValueTask DisposeAsync()
    {
        _outgoing.Writer.TryComplete();
        await _end.CancelAsync();
        await _running.ConfigureAwait(false);
        Fail(new ObjectDisposedException(nameof(PhysIntuitionClient)));
        _end.Dispose();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await ConverseAsync().ConfigureAwait(false);
                if (!_end.IsCancellationRequested)
                {
                    await ResumeAsync().ConfigureAwait(false);
                }
            }
            catch (Exception) when (_end.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Fail(failure);
                return;
            }
        }
    }

    // Returns when the stream has broken in a way that a new one may repair.
    private async Task ConverseAsync()
    {
        using var stream = _stub.Run(_session.Headers, cancellationToken: _end.Token);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var writing = WriteAsync(stream.RequestStream, _outgoing.Reader, broken.Token);
        try
        {
            while (await stream.ResponseStream.MoveNext(_end.Token).ConfigureAwait(false))
            {
                Complete(stream.ResponseStream.Current);
            }
        }
        catch (RpcException failure) when (failure.StatusCode is not
            (StatusCode.Unavailable or StatusCode.Internal or StatusCode.Cancelled or StatusCode.Unknown))
        {
            throw EnvironmentException.From(failure);
        }
        catch (Exception failure) when (failure is RpcException or IOException && !_end.IsCancellationRequested)
        {
            // The connection is gone; the session is not.
        }
        finally
        {
            await broken.CancelAsync();
            await writing.ConfigureAwait(false);
        }
    }

    private static async Task WriteAsync(
        IClientStreamWriter<RunRequest> stream, ChannelReader<RunRequest> outgoing, CancellationToken cancellation)
    {
        try
        {
            await foreach (var request in outgoing.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                await stream.WriteAsync(request, cancellation).ConfigureAwait(false);
            }

            await stream.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (
            failure is OperationCanceledException or RpcException or IOException or InvalidOperationException)
        {
            // Whoever reads learns the reason from the stream's status.
        }
    }

    private async Task ResumeAsync()
    {
        await RetryPolicy.TryAsync(() => _session.OpenAsync(_end.Token), _reconnectFor, _end.Token).ConfigureAwait(
            false);
        lock (_lock)
        {
            _outgoing = NewChannel();
            foreach (var call in _pending.Values)
            {
                _outgoing.Writer.TryWrite(call.Request);
            }
        }
    }

    private void Complete(RunReply reply)
    {
        PendingCall? call;
        lock (_lock)
        {
            _pending.Remove(reply.RequestId, out call);
        }

        call?.Reply.TrySetResult(reply);
    }

    private void Fail(Exception failure)
    {
        PendingCall[] calls;
        lock (_lock)
        {
            _failure ??= failure;
            calls = [.. _pending.Values];
            _pending.Clear();
        }

        foreach (var call in calls)
        {
            call.Reply.TrySetException(failure);
        }
    }

    private static Channel<RunRequest> NewChannel() =>
        Channel.CreateUnbounded<RunRequest>(new UnboundedChannelOptions { SingleReader = true });

    private sealed class PendingCall(RunRequest request)
    {
        public RunRequest Request => request;

        public TaskCompletionSource<RunReply> Reply { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
