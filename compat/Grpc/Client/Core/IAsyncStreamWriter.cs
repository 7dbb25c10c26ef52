namespace Grpc.Core;

/// <summary>A stream of messages to the other side.</summary>
public interface IAsyncStreamWriter<in T>
{
    /// <summary>How the next messages are written; null means the defaults of the call.</summary>
    WriteOptions? WriteOptions { get; set; }

    /// <summary>Writes one message; one write at a time.</summary>
    Task WriteAsync(T message);

    /// <summary>Writes one message; a write that is cancelled ends the call.</summary>
    Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        if (cancellationToken.CanBeCanceled)
        {
            throw new NotSupportedException("This writer takes no cancellation token; call WriteAsync(message).");
        }

        return WriteAsync(message);
    }
}
