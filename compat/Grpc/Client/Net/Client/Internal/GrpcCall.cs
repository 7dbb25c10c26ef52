using Grpc.Core;
using Microsoft.Extensions.Logging;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>One call, whatever its messages: how it ends, once, and what ends it.</summary>
internal abstract partial class GrpcCall : IDisposable
{
    /// <summary>Aborts the call that is its state, because the caller cancelled.</summary>
    internal static readonly Action<object?> OnCancelled = AbortFor("Call canceled by the client.");

    private static readonly Action<object> s_onDeadline = state => ((GrpcCall)state).Abort(
        new Status(StatusCode.DeadlineExceeded, "The deadline passed before the call completed."));

    private static readonly Action<object?> s_onInheritedCancelled = AbortFor("The served call was cancelled.");
    private static readonly Action<object?> s_onChannelDisposed = AbortFor("The channel was disposed.");

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly CancellationTokenRegistration _callerRegistration;
    private readonly CancellationTokenRegistration _inheritedRegistration;
    private readonly CancellationTokenRegistration _channelRegistration;
    private readonly DeadlineTimer? _deadline;
    private TaskCompletionSource<Metadata>? _headersSource;
    private HttpResponseMessage? _response;
    private Status _status;
    private Metadata? _trailers;
    private bool _hasEnded;

    protected GrpcCall(GrpcChannel channel, IMethod method, string? host, CallOptions options)
    {
        Channel = channel;
        Method = method;
        Host = host;
        Address = channel.AddressOf(method);
        Options = CallInheritance.Apply(options, out var inherited);
        _callerRegistration = Options.CancellationToken.UnsafeRegister(OnCancelled, this);
        _inheritedRegistration = inherited.UnsafeRegister(s_onInheritedCancelled, this);
        _channelRegistration = channel.Disposal.UnsafeRegister(s_onChannelDisposed, this);
        _deadline = CreateDeadline(Options.Deadline);
        _deadline?.Start();
    }

    internal bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>Cancelled when the call ends before all of its request and response went over the wire.</summary>
    internal CancellationToken Aborted => _abort.Token;

    protected GrpcChannel Channel { get; }

    protected IMethod Method { get; }

    protected string? Host { get; }

    protected MethodAddress Address { get; }

    protected CallOptions Options { get; }

    protected TimeSpan? TimeLeft => _deadline?.TimeLeft;

    public void Dispose() => Abort(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    internal Status GetStatus() => HasEnded
        ? _status
        : throw new InvalidOperationException("The call has not ended; read the response to its end first.");

    internal Metadata GetTrailers()
    {
        _ = HasEnded ? 0 : throw new InvalidOperationException("The call has not ended; no trailers came yet.");
        return _trailers ??= ResponseReading.Trailers(_response);
    }

    internal Task<Metadata> ResponseHeaders()
    {
        lock (_gate)
        {
            if (_headersSource is null)
            {
                _headersSource = new(TaskCreationOptions.RunContinuationsAsynchronously);
                CompleteHeaders();
            }

            return _headersSource.Task;
        }
    }

    /// <summary>Ends the call with a status of this side and resets the stream.</summary>
    internal void Abort(Status status)
    {
        if (TryEnd(status, isLocal: true))
        {
            _abort.Cancel();
            _response?.Dispose();
        }
    }

    /// <summary>The exception that a call with this status throws.</summary>
    internal Exception ToException(Status status) =>
        Channel.ThrowsOperationCanceled && status.StatusCode is StatusCode.Cancelled
            ? new OperationCanceledException(status.Detail, status.DebugException, Options.CancellationToken)
            : new RpcException(status, GetTrailers());

    /// <summary>Ends the call for a fault, unless it has ended; the exception tells how it ended.</summary>
    internal Exception Fail(Exception fault)
    {
        Abort(FaultStatus.From(fault));
        return ToException(_status);
    }

    /// <summary>Ends the call as its response says; throws when that is not success.</summary>
    protected void Complete(Status status)
    {
        if (!TryEnd(status, isLocal: false) || _status.StatusCode != StatusCode.OK)
        {
            throw ToException(_status);
        }
    }

    /// <summary>Stops what is still being sent.</summary>
    protected void CancelSending() => _abort.Cancel();

    protected void SetResponse(HttpResponseMessage response)
    {
        lock (_gate)
        {
            _response = response;
            CompleteHeaders();
        }
    }

    /// <summary>Releases what the call holds; runs once, when it has ended.</summary>
    protected abstract void OnEnded();

    private static Action<object?> AbortFor(string reason) =>
        state => ((GrpcCall)state!).Abort(new Status(StatusCode.Cancelled, reason));

    private DeadlineTimer? CreateDeadline(DateTime? deadline)
    {
        if (deadline is not { } time || time == DateTime.MaxValue)
        {
            return null;
        }

        var timeout = (time.Kind == DateTimeKind.Local ? time.ToUniversalTime() : time) - DateTime.UtcNow;
        return new DeadlineTimer(timeout, s_onDeadline, this);
    }

    private bool TryEnd(Status status, bool isLocal)
    {
        lock (_gate)
        {
            if (_hasEnded)
            {
                return false;
            }

            _status = status;
            _trailers = isLocal ? Metadata.Empty : null;
            Volatile.Write(ref _hasEnded, true);
            CompleteHeaders();
        }

        _deadline?.Dispose();
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
        _inheritedRegistration.Unregister();
        OnEnded();
        Log.Finished(Channel.Logger, Method.FullName, status.StatusCode, status.Detail);
        return true;
    }

    private void CompleteHeaders()
    {
        if (_headersSource is null || _headersSource.Task.IsCompleted)
        {
            return;
        }

        if (_response is not null)
        {
            _headersSource.SetResult(ResponseReading.Headers(_response));
        }
        else if (_hasEnded)
        {
            _headersSource.SetException(ToException(_status));
            _ = _headersSource.Task.Exception;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "Call of {Method} ended with {StatusCode}. {Detail}")]
        internal static partial void Finished(ILogger logger, string method, StatusCode statusCode, string detail);
    }
}
