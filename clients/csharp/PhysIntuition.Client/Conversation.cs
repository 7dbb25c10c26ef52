using System.Threading.Channels;
using Grpc.Core;

namespace PhysIntuition.Client;

/// <summary>All calls of a client on one pipelined stream; repairs it when the connection breaks.</summary>
/// <remarks>
/// Requests stay in order. After a break the session is resumed and every unanswered request is sent again; numbered
/// ones are answered from the server's record if they were carried out before, so none is done twice.
/// </remarks>
internal sealed class Conversation : IAsyncDisposable
{
    private const string UnknownSession = "UNKNOWN_SESSION";

    private readonly Servers _servers;
    private readonly SessionLink _session;
    private readonly ClientOptions _options;
    private readonly Recovery? _recovery;   // null: a lost session stays lost
    private readonly Lock _lock = new();
    private readonly SortedDictionary<ulong, PendingCall> _pending = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _running;
    private Channel<RunRequest> _outgoing = NewChannel();
    private ulong _lastId;
    private Exception? _failure;
    private bool _isLost;

    /// <summary>Begins at once; the session is open already.</summary>
    public Conversation(Servers servers, SessionLink session, ClientOptions options)
    {
        (_servers, _session, _options) = (servers, session, options);
        _recovery = options is { Recover: true, Durable: false } ? new Recovery() : null;
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

            Send(call);
        }

        var reply = await call.Reply.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return reply.ResultCase == RunReply.ResultOneofCase.Error
            ? throw new EnvironmentException(reply.Error)
            : reply;
    }

    private void Send(PendingCall call)
    {
        _recovery?.Address(call);
        call.Request.RequestId = ++_lastId;
        _pending.Add(call.Request.RequestId, call);
        _outgoing.Writer.TryWrite(call.Request);
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
        using var stream = _servers.Stub.Run(_session.Headers, cancellationToken: _end.Token);
        using var broken = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        var writing = WriteAsync(stream.RequestStream, _outgoing.Reader, broken.Token);
        try
        {
            while (await stream.ResponseStream.MoveNext(_end.Token).ConfigureAwait(false))
            {
                Complete(stream.ResponseStream.Current);
            }
        }
        catch (RpcException failure) when (_recovery is not null && IsUnknown(failure))
        {
            // Another server, or the same one started again.
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
        await RetryPolicy.TryAsync(ReopenAsync, _options.ReconnectFor, _end.Token).ConfigureAwait(false);
        lock (_lock)
        {
            _outgoing = NewChannel();
            PendingCall[] calls = [.. _pending.Values];
            foreach (var call in calls)
            {
                SendAgain(call);
            }

            _recovery?.CaptureAgain().ForEach(Send);
        }
    }

    private void SendAgain(PendingCall call)
    {
        try
        {
            _recovery?.Address(call);
        }
        catch (EnvironmentException lost)
        {
            _pending.Remove(call.Request.RequestId);
            call.Reply.TrySetException(lost);
            return;
        }

        if (call.IsOwn)
        {
            _pending.Remove(call.Request.RequestId);   // what was sent behind it may have been done already
        }
        else
        {
            _outgoing.Writer.TryWrite(call.Request);
        }
    }

    private async Task<bool> ReopenAsync()
    {
        try
        {
            if (_isLost)
            {
                _session.Forget();   // half of it may be rebuilt there
            }

            await _session.OpenAsync(_end.Token).ConfigureAwait(false);
        }
        catch (RpcException failure) when (_recovery is not null && IsUnknown(failure))
        {
            _session.Forget();
            await _session.OpenAsync(_end.Token).ConfigureAwait(false);
            _isLost = true;
        }

        if (_isLost)
        {
            await RebuildAsync().ConfigureAwait(false);
        }

        return true;
    }

    private async Task RebuildAsync()
    {
        lock (_lock)
        {
            foreach (var call in _recovery!.TakeBack())
            {
                _pending.Add(call.Request.RequestId, call);
            }
        }

        await _recovery.RebuildAsync(AskAsync).ConfigureAwait(false);
        _isLost = false;
        (_options.Log ?? Console.Error.WriteLine)("The session is lost; its environments go on at "
            + $"{_servers.Address}, rebuilt from their snapshots and calls.");
    }

    /// <summary>One call outside of the stream, while environments are rebuilt.</summary>
    private async Task<RunReply> AskAsync(RunRequest request)
    {
        try
        {
            return await AskOnceAsync(request).ConfigureAwait(false);
        }
        catch (RpcException failure) when (IsUnknown(failure))
        {
            // Lost again: the next attempt begins anew.
            throw new RpcException(new Status(StatusCode.Unavailable, failure.Status.Detail));
        }
        catch (RpcException failure) when (!ServerAddress.IsUncertain(failure))
        {
            throw EnvironmentException.From(failure);
        }
    }

    private async Task<RunReply> AskOnceAsync(RunRequest request)
    {
        var headers = _session.Headers;
        return request.CallCase switch
        {
            RunRequest.CallOneofCase.Create => new RunReply
            {
                Create = await _servers.AskAsync(stub => stub.CreateAsync(
                    request.Create, headers, cancellationToken: _end.Token)).ConfigureAwait(false),
            },
            RunRequest.CallOneofCase.Reset => new RunReply
            {
                Reset = await _servers.AskAsync(stub => stub.ResetAsync(
                    request.Reset, headers, cancellationToken: _end.Token)).ConfigureAwait(false),
            },
            RunRequest.CallOneofCase.Restore => new RunReply
            {
                Reset = await _servers.AskAsync(stub => stub.RestoreAsync(
                    request.Restore, headers, cancellationToken: _end.Token)).ConfigureAwait(false),
            },
            _ => new RunReply
            {
                Step = await _servers.AskAsync(stub => stub.StepAsync(
                    request.Step, headers, cancellationToken: _end.Token)).ConfigureAwait(false),
            },
        };
    }

    private static bool IsUnknown(RpcException failure) => EnvironmentException.From(failure).Reason == UnknownSession;

    private void Complete(RunReply reply)
    {
        List<(PendingCall Call, RunReply Reply)> told = [];
        lock (_lock)
        {
            if (!_pending.Remove(reply.RequestId, out var call))
            {
                return;
            }

            if (_recovery is null)
            {
                told.Add((call, reply));
            }
            else if (_recovery.Answer(call, reply, told) is { } snapshot)
            {
                Send(snapshot);
            }
        }

        foreach (var (call, own) in told)
        {
            call.Reply.TrySetResult(own);
        }
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
}

/// <summary>Calls that cannot reach the server are made again for a while.</summary>
internal static class RetryPolicy
{
    private static readonly TimeSpan s_firstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromSeconds(2);

    /// <summary>Makes a call, again and again while the server cannot be reached.</summary>
    /// <param name="call">One attempt; may be carried out more than once.</param>
    /// <param name="limit">For how long.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="EnvironmentException">The server refused, or the time is over.</exception>
    public static async Task<T> TryAsync<T>(
        Func<Task<T>> call, TimeSpan limit, CancellationToken cancellation)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var pause = s_firstPause;; pause = pause < s_longestPause ? pause * 2 : pause)
        {
            try
            {
                return await call().ConfigureAwait(false);
            }
            catch (RpcException failure) when (
                !ServerAddress.IsUncertain(failure)
                || TimeProvider.System.GetElapsedTime(start) >= limit)
            {
                throw EnvironmentException.From(failure);
            }
            catch (RpcException)
            {
                await Task.Delay(pause, cancellation).ConfigureAwait(false);
            }
        }
    }
}
