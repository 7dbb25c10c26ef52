using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Reads the responses of a streaming call.</summary>
internal sealed class ResponseStream<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call, Task opening)
    : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private static readonly Task<bool> s_read = Task.FromResult(true);
    private static readonly Task<bool> s_ended = Task.FromResult(false);

    private TResponse? _current;
    private int _isReading;

    public TResponse Current => _current
        ?? throw new InvalidOperationException("There is no current message; await MoveNext until it gives true.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("The previous read is still in progress; await it first.");
        }

        if (call.HasEnded && call.GetStatus() is { StatusCode: var code } status)
        {
            _current = null;
            Volatile.Write(ref _isReading, 0);
            return code == StatusCode.OK ? s_ended : Task.FromException<bool>(call.ToException(status));
        }

        return opening.IsCompletedSuccessfully ? ReadBufferedOrWait(cancellationToken) : Wait(cancellationToken);
    }

    private Task<bool> ReadBufferedOrWait(CancellationToken cancellationToken)
    {
        try
        {
            if (!cancellationToken.IsCancellationRequested && call.ReadBuffered() is { } buffered)
            {
                _current = buffered;
                Volatile.Write(ref _isReading, 0);
                return s_read;
            }
        }
        catch (Exception fault)
        {
            Volatile.Write(ref _isReading, 0);
            return Task.FromException<bool>(call.FailReading(fault));
        }

        return Wait(cancellationToken);
    }

    private async Task<bool> Wait(CancellationToken cancellationToken)
    {
        using var registration = cancellationToken.UnsafeRegister(GrpcCall.OnCancelled, call);
        try
        {
            await opening.ConfigureAwait(false);
            _current = await call.ReadNext().ConfigureAwait(false);
            return _current is not null;
        }
        catch (Exception fault)
        {
            _current = null;
            throw call.FailReading(fault);
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }
}
