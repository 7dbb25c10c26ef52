using System.Net;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>The body of a call with many requests: hands its stream out and stays open until completed.</summary>
internal sealed class StreamingContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Stream? _stream;
    private volatile bool _hasWritten;

    internal StreamingContent() => Headers.TryAddWithoutValidation("Content-Type", HeaderNames.ContentType);

    /// <summary>Whether the caller ended the body.</summary>
    internal bool IsComplete => _completed.Task.IsCompletedSuccessfully;

    /// <summary>The stream to write to, once the request's headers are on their way.</summary>
    internal async ValueTask<Stream> Open()
    {
        if (_stream is null)
        {
            await _opened.Task.ConfigureAwait(false);
        }

        _hasWritten = true;
        return _stream!;
    }

    /// <summary>Ends the body.</summary>
    internal void Complete() => _completed.TrySetResult();

    /// <summary>Breaks the body off because the call ended; writers that wait for the stream get the fault.</summary>
    /// <remarks>A proper end could overtake a write in flight, and data after the end costs the connection.</remarks>
    internal void Abandon(Exception fault)
    {
        if (_opened.TrySetException(fault))
        {
            _ = _opened.Task.Exception;
        }

        _completed.TrySetCanceled();
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler may try a second connection; a body of which a part is gone cannot be sent again.
        if (_hasWritten)
        {
            throw new InvalidOperationException("The connection was lost after requests had been written.");
        }

        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        _stream = stream;
        _opened.TrySetResult(stream);
        await _completed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }
}
