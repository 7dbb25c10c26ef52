using System.Net;
using System.Net.Http.Headers;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>The body of a call with one request.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly FrameBuffer _frame;
    private int _isDisposed;

    internal UnaryContent(FrameBuffer frame)
    {
        _frame = frame;
        Headers.TryAddWithoutValidation("Content-Type", HeaderNames.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The response may end the call while this still runs; the buffer must outlive both.
        ObjectDisposedException.ThrowIf(!_frame.TryAddReference(), this);
        try
        {
            await stream.WriteAsync(_frame.Frame, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _frame.Dispose();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = -1;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _frame.Dispose();
        }

        base.Dispose(disposing);
    }
}
