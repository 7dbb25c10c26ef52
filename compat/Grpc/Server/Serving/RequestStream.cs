using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Reads the requests of a call from the HTTP body.</summary>
internal sealed class RequestStream<TRequest>(HttpServerCallContext call, Marshaller<TRequest> marshaller)
    : IAsyncStreamReader<TRequest>
    where TRequest : class
{
    private static readonly Action<object?> s_cancelRead = static state => PendingRead.Cancel((PipeReader)state!);

    private readonly PipeReader _body = call.HttpContext.Request.BodyReader;
    private TRequest? _current;
    private int _isReading;

    public TRequest Current => _current
        ?? throw new InvalidOperationException("There is no current message; await MoveNext until it gives true.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("The previous read is still in progress; await it first.");
        }

        using var registration = cancellationToken.UnsafeRegister(s_cancelRead, _body);
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            _current = null;
            _current = await ReadNext(cancellationToken).ConfigureAwait(false);
            return _current is not null;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }

    /// <summary>Reads the one request of a call.</summary>
    /// <exception cref="RpcException">There is none, or more than one.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<TRequest> ReadOnly()
    {
        var request = await ReadNext(CancellationToken.None).ConfigureAwait(false)
            ?? throw Faults.Internal("The request has no message.");
        return await ReadNext(CancellationToken.None).ConfigureAwait(false) is null ? request : throw Faults.Surplus();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<TRequest?> ReadNext(CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await ReadBody().ConfigureAwait(false);
            if (call.HasEnded || result.IsCanceled)
            {
                _body.AdvanceTo(result.Buffer.Start);
                cancellationToken.ThrowIfCancellationRequested();
                throw call.EndedFault();
            }

            var buffer = result.Buffer;
            var message = default(TRequest);
            var isWhole = false;
            try
            {
                isWhole = TryReadMessage(ref buffer, out message);
            }
            finally
            {
                // Also after a message that is none: HTTP/1 drains what is left, and may not find a read begun.
                _body.AdvanceTo(buffer.Start, isWhole ? buffer.Start : buffer.End);
            }

            if (isWhole)
            {
                return message;
            }

            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw Faults.Truncated();
            }
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<ReadResult> ReadBody()
    {
        try
        {
            return await _body.ReadAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (IOException gone)
        {
            throw new RpcException(new Status(StatusCode.Cancelled, "The caller broke the call off.", gone));
        }
    }

    private bool TryReadMessage(ref ReadOnlySequence<byte> buffer, out TRequest? message)
    {
        message = null;
        if (buffer.Length < FrameHeader.Size)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[FrameHeader.Size];
        buffer.Slice(0, FrameHeader.Size).CopyTo(header);
        var limit = call.Options.MaxReceiveMessageSize;
        var length = FrameHeader.Read(header, limit, out var isCompressed);
        if (buffer.Length - FrameHeader.Size < length)
        {
            return false;
        }

        var payload = buffer.Slice(FrameHeader.Size, length);
        message = isCompressed
            ? DeserializeCompressed(payload, limit)
            : MessagePayload.Deserialize(marshaller, payload);
        buffer = buffer.Slice(FrameHeader.Size + length);
        return true;
    }

    private TRequest DeserializeCompressed(ReadOnlySequence<byte> payload, int? limit)
    {
        using var inflated = CompressionSet.Decompress(call.RequestCompression, payload, limit);
        return MessagePayload.Deserialize(marshaller, new ReadOnlySequence<byte>(inflated.Written));
    }
}
