namespace Grpc.Core;

/// <summary>A stream of messages from the other side.</summary>
public interface IAsyncStreamReader<out T>
{
    /// <summary>The message read last; defined after <see cref="MoveNext"/> gave true.</summary>
    T Current { get; }

    /// <summary>Reads the next message; false at the end of the stream. One read at a time.</summary>
    Task<bool> MoveNext(CancellationToken cancellationToken);
}
