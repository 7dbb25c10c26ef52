using Grpc.Core;
using Grpc.Net.Compression;
using PhysIntuition.Compat.Grpc.Wire;

namespace Grpc.Net.Client.Internal;

/// <summary>One call with its messages.</summary>
internal sealed class GrpcCall<TRequest, TResponse>(
    GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options)
    : GrpcCall(channel, method, host, options)
    where TRequest : class
    where TResponse : class
{
    private readonly MessagePayload _payload = new();
    private StreamingContent? _streaming;
    private HttpResponseMessage? _response;
    private ICompressionProvider? _requestCompression;
    private ICompressionProvider? _responseCompression;
    private FrameReader? _frames;
    private Task? _opening;

    /// <summary>Where the requests go; null for a call with one request.</summary>
    internal RequestStream<TRequest, TResponse>? Requests { get; private set; }

    /// <summary>The one response of a unary or client-streaming call.</summary>
    internal Task<TResponse>? Response { get; private set; }

    internal Task<TResponse> StartUnary(TRequest request)
    {
        _opening = OpenWith(request);
        return Response = ReadOnly();
    }

    internal ResponseStream<TRequest, TResponse> StartServerStreaming(TRequest request)
    {
        _opening = Observed(OpenWith(request));
        return new ResponseStream<TRequest, TResponse>(this, _opening);
    }

    internal Task<TResponse> StartClientStreaming()
    {
        _opening = OpenStreaming();
        Response = ReadOnly();
        Observed(Response);
        return Response;
    }

    internal ResponseStream<TRequest, TResponse> StartDuplexStreaming()
    {
        _opening = Observed(OpenStreaming());
        return new ResponseStream<TRequest, TResponse>(this, _opening);
    }

    /// <summary>Takes a response that has arrived already, without waiting.</summary>
    internal TResponse? ReadBuffered() =>
        !HasEnded && _frames is { } frames && frames.TryReadBuffered() ? Deserialize(frames) : null;

    /// <summary>Reads the next response; null at the end of a call that succeeded.</summary>
    internal async ValueTask<TResponse?> ReadNext()
    {
        if (_frames is not { } frames)
        {
            return null;
        }

        if (await frames.Read(Aborted).ConfigureAwait(false))
        {
            return Deserialize(frames);
        }

        Complete(ResponseReading.StatusOfTrailers(_response!));
        Release();
        return null;
    }

    /// <summary>Serialises a request as this call wants it.</summary>
    internal FrameBuffer Serialize(TRequest request, WriteOptions? writeOptions)
    {
        var flags = (writeOptions ?? Options.WriteOptions)?.Flags ?? 0;
        var compression = flags.HasFlag(WriteFlags.NoCompress) ? null : _requestCompression;
        return FrameBuffer.Serialize(method.RequestMarshaller, request, Channel.MaxSendMessageSize, compression);
    }

    /// <summary>Ends the call for a fault found by its only reader.</summary>
    internal Exception FailReading(Exception fault)
    {
        var failure = Fail(fault);
        Release();
        return failure;
    }

    protected override void OnEnded() => _streaming?.Abandon(ToException(GetStatus()));

    private static Task Observed(Task task)
    {
        task.ContinueWith(
            static faulted => _ = faulted.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    private async Task<TResponse> ReadOnly()
    {
        await _opening!.ConfigureAwait(false);
        try
        {
            var response = await ReadNext().ConfigureAwait(false)
                ?? throw Faults.Internal("The call succeeded without a response message.");
            return await ReadNext().ConfigureAwait(false) is null ? response : throw Faults.Surplus();
        }
        catch (Exception fault)
        {
            throw FailReading(fault);
        }
    }

    private async Task OpenWith(TRequest request)
    {
        try
        {
            ThrowIfEnded();
            _requestCompression = Channel.Compressions.Find(RequestedEncoding());
            using var content = new UnaryContent(Serialize(request, null));
            await Open(content).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            throw FailReading(fault);
        }
    }

    private Task OpenStreaming()
    {
        _streaming = new StreamingContent();
        Requests = new RequestStream<TRequest, TResponse>(this, _streaming, Options.WriteOptions);
        return OpenStreamingCore(_streaming);
    }

    private async Task OpenStreamingCore(StreamingContent content)
    {
        try
        {
            ThrowIfEnded();
            _requestCompression = Channel.Compressions.Find(RequestedEncoding());
            await Open(content).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            content.Abandon(fault);
            throw FailReading(fault);
        }
    }

    private async Task Open(HttpContent content)
    {
        var request = RequestBuilding.Create(Channel, Address, Host, TimeLeft, content);
        RequestBuilding.Add(request, Options.Headers);
        if (Options.Credentials is not null || Channel.CallCredentials.Count > 0)
        {
            await RequestBuilding.AddCredentials(request, Channel, Address, Method.Name, Options, Aborted)
                .ConfigureAwait(false);
        }

        _response = await Channel.Send(request, Aborted).ConfigureAwait(false);
        SetResponse(_response);
        if (ResponseReading.StatusOfHeaders(_response) is { } status)
        {
            Complete(status);
            Release();
            return;
        }

        _responseCompression = Channel.Compressions.Find(ResponseReading.Encoding(_response));
        var body = await _response.Content.ReadAsStreamAsync(Aborted).ConfigureAwait(false);
        _frames = new FrameReader(body, Channel.MaxReceiveMessageSize);
    }

    private void ThrowIfEnded()
    {
        if (HasEnded)
        {
            throw ToException(GetStatus());
        }
    }

    private string? RequestedEncoding() => Options.Headers?.GetValue(HeaderNames.EncodingRequest);

    private TResponse Deserialize(FrameReader frames)
    {
        if (!frames.IsCompressed)
        {
            return _payload.Deserialize(method.ResponseMarshaller, frames.Payload);
        }

        using var inflated = CompressionSet.Decompress(
            _responseCompression, frames.Payload, Channel.MaxReceiveMessageSize);
        return _payload.Deserialize(method.ResponseMarshaller, new(inflated.Written));
    }

    // Only the reader calls this, so that no read is in flight when the buffer goes back to its pool.
    private void Release()
    {
        _frames?.Dispose();
        _frames = null;
        _response?.Dispose();
    }
}
