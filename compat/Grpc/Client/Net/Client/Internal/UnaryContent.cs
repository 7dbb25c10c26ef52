using System.Net;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>The body of a call with one request.</summary>
internal sealed class UnaryContent : HttpContent
{
    private readonly FrameBuffer _frame;
    private Task? _writing;
    private bool _isKept;

    internal UnaryContent(FrameBuffer frame)
    {
        _frame = frame;
        Headers.TryAddWithoutValidation("Content-Type", HeaderNames.ContentType);
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // The handler may try a second connection while a write to the first one still winds down.
        _isKept |= _writing is { IsCompleted: false };
        return _writing = stream.WriteAsync(_frame.Frame, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _frame.Frame.Length;
        return true;
    }

    // A response may end the call before the request is written; such a buffer is left to the collector.
    protected override void Dispose(bool disposing)
    {
        if (!_isKept && _writing is null or { IsCompleted: true })
        {
            _isKept = true;
            _frame.Dispose();
        }

        base.Dispose(disposing);
    }
}
