using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace PhysIntuition.Compat.Grpc.Tests.Hosting;

/// <summary>Sends bytes as a gRPC request, right or wrong, and shows what came back.</summary>
internal sealed class RawCall(TestServer server) : IDisposable
{
    private readonly HttpClient _client = new() { Timeout = Given.Patience };

    internal const string Echo = "/physintuition.interop.v1.Interop/Echo";

    /// <summary>A message with its five-byte header.</summary>
    internal static byte[] Frame(byte[] payload, byte flag = 0, int? length = null)
    {
        var frame = new byte[5 + payload.Length];
        frame[0] = flag;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), length ?? payload.Length);
        payload.CopyTo(frame, 5);
        return frame;
    }

    internal static byte[] Frame(IMessage message) => Frame(message.ToByteArray());

    public void Dispose() => _client.Dispose();

    /// <summary>The answer, with its trailers read.</summary>
    internal async Task<HttpResponseMessage> Send(
        byte[] body, string path = Echo, string contentType = "application/grpc", params (string, string)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address + path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body),
        };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await _client.SendAsync(request);
        await response.Content.LoadIntoBufferAsync();
        return response;
    }

    /// <summary>The grpc-status of an answer, in its headers or its trailers.</summary>
    internal static int StatusOf(HttpResponseMessage response) => int.Parse(ValueOf(response, "grpc-status")!);

    /// <summary>A value in the headers or the trailers of an answer, or null.</summary>
    internal static string? ValueOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values)
            ? string.Join(",", values)
            : null;
}
