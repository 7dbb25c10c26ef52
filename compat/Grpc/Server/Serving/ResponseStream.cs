using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Writes the responses of a call to the HTTP body.</summary>
internal sealed class ResponseStream<TResponse>(HttpServerCallContext call, Marshaller<TResponse> marshaller)
    : IServerStreamWriter<TResponse>
    where TResponse : class
{
    private int _isWriting;

    public WriteOptions? WriteOptions
    {
        get => call.WriteOptions;
        set => call.WriteOptions = value;
    }

    public Task WriteAsync(TResponse message) => WriteAsync(message, CancellationToken.None);

    public async Task WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(message);
        cancellationToken.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _isWriting, 1) != 0)
        {
            throw new InvalidOperationException("The previous write is still in progress; await it first.");
        }

        try
        {
            Write(message);
            if (WriteOptions?.Flags.HasFlag(WriteFlags.BufferHint) != true)
            {
                await call.Flush().AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            Volatile.Write(ref _isWriting, 0);
        }
    }

    /// <summary>Puts a message into the buffer of the response.</summary>
    internal void Write(TResponse message)
    {
        lock (call.Gate)
        {
            if (call.HasEnded)
            {
                throw call.EndedFault();
            }

            ResponseSerialization.Write(call, marshaller, message);
        }
    }
}
