using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Writes the requests of a streaming call.</summary>
internal sealed class RequestStream<TRequest, TResponse>(
    GrpcCall<TRequest, TResponse> call, StreamingContent content, WriteOptions? writeOptions)
    : IClientStreamWriter<TRequest>
    where TRequest : class
    where TResponse : class
{
    private int _isWriting;
    private bool _isComplete;

    public WriteOptions? WriteOptions { get; set; } = writeOptions;

    public Task WriteAsync(TRequest message) => WriteAsync(message, CancellationToken.None);

    public Task WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (_isComplete)
        {
            throw new InvalidOperationException("The request stream is complete; write before CompleteAsync.");
        }

        BeginWrite();
        return WriteCore(message, cancellationToken);
    }

    public Task CompleteAsync()
    {
        BeginWrite();
        _isComplete = true;
        content.Complete();
        Volatile.Write(ref _isWriting, 0);
        return Task.CompletedTask;
    }

    private void BeginWrite()
    {
        if (Interlocked.Exchange(ref _isWriting, 1) != 0)
        {
            throw new InvalidOperationException("The previous write is still in progress; await it first.");
        }
    }

    private async Task WriteCore(TRequest message, CancellationToken cancellationToken)
    {
        try
        {
            ThrowIfEnded();
            using var registration = cancellationToken.UnsafeRegister(GrpcCall.OnCancelled, call);
            using var frame = call.Serialize(message, WriteOptions);
            var stream = await content.Open().ConfigureAwait(false);
            // With the call's own token: a write that is queued behind the reset of its stream costs the connection.
            await stream.WriteAsync(frame.Frame, call.Aborted).ConfigureAwait(false);
            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true)
            {
                await stream.FlushAsync(call.Aborted).ConfigureAwait(false);
            }
        }
        catch (Exception fault) when (fault is ObjectDisposedException or not InvalidOperationException)
        {
            throw await Explain(fault).ConfigureAwait(false);
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }
    }

    private void ThrowIfEnded()
    {
        if (!call.HasEnded)
        {
            return;
        }

        var status = call.GetStatus();
        throw status.StatusCode == StatusCode.OK
            ? new InvalidOperationException("The call has ended; nothing more can be written.")
            : call.ToException(status);
    }

    // The server may end a call before it read every request; its status says more than the failed write.
    private async Task<Exception> Explain(Exception fault)
    {
        if (fault is RpcException)
        {
            return fault;
        }

        if (!call.HasEnded && call.Response is { } response)
        {
            await ((Task)response).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (!call.HasEnded)
        {
            return new RpcException(fault is OperationCanceledException or ObjectDisposedException
                ? new Status(StatusCode.Cancelled, "The server reads no more; its status is in the responses.", fault)
                : FaultStatus.From(fault));
        }

        var status = call.GetStatus();
        return status.StatusCode == StatusCode.OK
            ? new InvalidOperationException("The call has ended; nothing more can be written.", fault)
            : call.ToException(status);
    }
}
