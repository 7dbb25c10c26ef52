using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>Writes what was buffered as base64 with padding at each flush; readers take chunk after chunk.</summary>
internal sealed class Base64PipeWriter(PipeWriter inner) : PipeWriter
{
    private readonly PooledBuffer _buffer = new();

    public override void Advance(int bytes) => _buffer.Advance(bytes);

    public override Memory<byte> GetMemory(int sizeHint = 0) => _buffer.GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => _buffer.GetSpan(sizeHint);

    public override void CancelPendingFlush() => inner.CancelPendingFlush();

    public override void Complete(Exception? exception = null)
    {
        _buffer.Dispose();
        inner.Complete(exception);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
    {
        if (_buffer.WrittenCount > 0)
        {
            var target = inner.GetSpan(Base64.GetMaxEncodedToUtf8Length(_buffer.WrittenCount));
            Base64.EncodeToUtf8(_buffer.Written.Span, target, out _, out var written);
            inner.Advance(written);
            _buffer.Dispose();
        }

        return inner.FlushAsync(cancellationToken);
    }
}
