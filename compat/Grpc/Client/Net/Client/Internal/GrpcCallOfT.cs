using System.Runtime.CompilerServices;
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
    private StreamingContent? _streaming;
    private HttpResponseMessage? _response;
    private ICompressionProvider? _requestCompression;
    private ICompressionProvider? _responseCompression;
    private FrameReader? _frames;

    /// <summary>Where the requests go; null for a call with one request.</summary>
    internal RequestStream<TRequest, TResponse>? Requests { get; private set; }

    /// <summary>The one response of a unary or client-streaming call.</summary>
    internal Task<TResponse>? Response { get; private set; }

    internal Task<TResponse> StartUnary(TRequest request) => Response = RunToOnlyResponse(request);

    internal ResponseStream<TRequest, TResponse> StartServerStreaming(TRequest request) =>
        new(this, Observed(Open(request)));

    internal Task<TResponse> StartClientStreaming()
    {
        OpenRequests();
        Response = RunToOnlyResponse(null);
        Observed(Response);
        return Response;
    }

    internal ResponseStream<TRequest, TResponse> StartDuplexStreaming()
    {
        OpenRequests();
        return new ResponseStream<TRequest, TResponse>(this, Observed(Open(null)));
    }

    /// <summary>Takes a response that has arrived already, without waiting.</summary>
    internal TResponse? ReadBuffered() =>
        !HasEnded && _frames is { } frames && frames.TryReadBuffered() ? Deserialize(frames) : null;

    /// <summary>Reads the next response; null at the end of a call that succeeded.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    internal async ValueTask<TResponse?> ReadNext()
    {
        while (_frames is { } frames)
        {
            if (frames.TryReadBuffered())
            {
                return Deserialize(frames);
            }

            var count = await frames.Body.ReadAsync(frames.MakeRoom(), Aborted).ConfigureAwait(false);
            if (!frames.TryAdvance(count))
            {
                Complete(ResponseReading.StatusOfTrailers(_response!));
                Release();
            }
        }

        return null;
    }

    /// <summary>Serialises a request as this call wants it.</summary>
    internal FrameBuffer Serialize(TRequest request, WriteOptions? writeOptions)
    {
        var flags = (writeOptions ?? Options.WriteOptions)?.Flags ?? 0;
        var compression = flags.HasFlag(WriteFlags.NoCompress) ? null : _requestCompression;
        return FrameBuffer.Serialize(
            method.RequestMarshaller, request, Channel.MaxSendMessageSize, MessageCompression.Of(compression));
    }

    /// <summary>Ends the call for a fault found by its only reader.</summary>
    internal Exception FailReading(Exception fault)
    {
        var failure = Fail(fault);
        Release();
        return failure;
    }

    protected override void OnEnded()
    {
        if (_streaming is { IsComplete: false } requests)
        {
            CancelSending();
            requests.Abandon(ToException(GetStatus()));
        }
    }

    private static Task Observed(Task task)
    {
        task.ContinueWith(
            static faulted => _ = faulted.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }

    // One method from the request to the trailers: every awaited layer would cost each call an object.
    private async Task<TResponse> RunToOnlyResponse(TRequest? request)
    {
        try
        {
            using var content = ContentOf(request);
            var message = await CreateRequest(content).ConfigureAwait(false);
            if (Accept(await Channel.Send(message, Aborted).ConfigureAwait(false), isResponseRequired: true))
            {
                OpenFrames(await _response!.Content.ReadAsStreamAsync(Aborted).ConfigureAwait(false));
            }

            TResponse? response = null;
            while (_frames is { } frames)
            {
                if (frames.TryReadBuffered())
                {
                    response = response is null ? Deserialize(frames) : throw Faults.Surplus();
                    continue;
                }

                var count = await frames.Body.ReadAsync(frames.MakeRoom(), Aborted).ConfigureAwait(false);
                if (!frames.TryAdvance(count))
                {
                    var status = ResponseReading.StatusOfTrailers(_response!);
                    Complete(response is null ? WithoutResponse(status) : status);
                    Release();
                }
            }

            return response!;
        }
        catch (Exception fault)
        {
            throw FailReading(fault);
        }
    }

    private async Task Open(TRequest? request)
    {
        try
        {
            using var content = ContentOf(request);
            var message = await CreateRequest(content).ConfigureAwait(false);
            if (Accept(await Channel.Send(message, Aborted).ConfigureAwait(false), isResponseRequired: false))
            {
                OpenFrames(await _response!.Content.ReadAsStreamAsync(Aborted).ConfigureAwait(false));
            }
        }
        catch (Exception fault)
        {
            throw FailReading(fault);
        }
    }

    private void OpenRequests()
    {
        _streaming = new StreamingContent();
        Requests = new RequestStream<TRequest, TResponse>(this, _streaming, Options.WriteOptions);
    }

    private HttpContent ContentOf(TRequest? request)
    {
        ThrowIfEnded();
        _requestCompression = Channel.Compressions.Find(Options.Headers?.GetValue(HeaderNames.EncodingRequest));
        return request is null ? _streaming! : new UnaryContent(Serialize(request, null));
    }

    private ValueTask<HttpRequestMessage> CreateRequest(HttpContent content)
    {
        var request = RequestBuilding.Create(Channel, Address, Host, TimeLeft, content);
        RequestBuilding.Add(request, Options.Headers);
        return Options.Credentials is null && Channel.CallCredentials.Count == 0
            ? ValueTask.FromResult(request)
            : RequestBuilding.AddCredentials(request, Channel, Address, Method.Name, Options, Aborted);
    }

    /// <summary>Takes the response's headers; false when they have ended the call already.</summary>
    private bool Accept(HttpResponseMessage response, bool isResponseRequired)
    {
        _response = response;
        SetResponse(response);
        if (ResponseReading.StatusOfHeaders(response) is { } status)
        {
            Complete(isResponseRequired ? WithoutResponse(status) : status);
            Release();
            return false;
        }

        _responseCompression = Channel.Compressions.Find(ResponseReading.Encoding(response));
        return true;
    }

    private void OpenFrames(Stream body) => _frames = new FrameReader(body, Channel.MaxReceiveMessageSize);

    private static Status WithoutResponse(Status status) => status.StatusCode == StatusCode.OK
        ? new Status(StatusCode.Internal, "The call succeeded without a response message.")
        : status;

    private void ThrowIfEnded()
    {
        if (HasEnded)
        {
            throw ToException(GetStatus());
        }
    }

    private TResponse Deserialize(FrameReader frames)
    {
        if (!frames.IsCompressed)
        {
            return MessagePayload.Deserialize(method.ResponseMarshaller, frames.Payload);
        }

        using var inflated = CompressionSet.Decompress(
            _responseCompression, frames.Payload, Channel.MaxReceiveMessageSize);
        return MessagePayload.Deserialize(method.ResponseMarshaller, new(inflated.Written));
    }

    // Only the reader calls this, so that no read is in flight when the buffer goes back to its pool.
    private void Release()
    {
        _frames?.Dispose();
        _frames = null;
        _response?.Dispose();
    }
}
