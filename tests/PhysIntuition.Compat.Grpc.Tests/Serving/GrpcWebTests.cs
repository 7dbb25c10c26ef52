using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.AspNetCore.Web;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Serving;

/// <summary>gRPC-Web over HTTP/1.1, as browsers speak it: messages, then the trailers as a last message.</summary>
public sealed class GrpcWebTests
{
    private const byte TrailersFlag = 0x80;

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web-text")]
    [InlineData("application/grpc-web-text+proto")]
    public async Task Unary_OneRequest_ComesBackWithTrailersInTheBody(string contentType)
    {
        await using var server = await Start(isEnabled: true);

        var (response, frames) = await Call(server, "Echo", new Ask { Text = "web" }, contentType);

        Assert.Equal(contentType, response.Content.Headers.ContentType!.ToString());
        Assert.Equal(2, frames.Count);
        Assert.Equal("web", Reply.Parser.ParseFrom(frames[0].Payload).Text);
        Assert.Equal(TrailersFlag, frames[1].Flag);
        Assert.Equal("grpc-status: 0\r\n", Encoding.ASCII.GetString(frames[1].Payload));
    }

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web-text")]
    public async Task ServerStreaming_ServiceFailsAtTheEnd_RepliesComeBeforeTheStatus(string contentType)
    {
        await using var server = await Start(isEnabled: true);
        var ask = new Ask { Count = 3, Status = (int)StatusCode.Aborted, Detail = "ü" };

        var (_, frames) = await Call(server, "Repeat", ask, contentType);

        Assert.Equal([0L, 1, 2], frames.Take(3).Select(frame => Reply.Parser.ParseFrom(frame.Payload).Number));
        var trailers = Encoding.ASCII.GetString(frames[3].Payload);
        Assert.Contains("grpc-status: 10\r\n", trailers, StringComparison.Ordinal);
        Assert.Contains("grpc-message: %C3%BC\r\n", trailers, StringComparison.Ordinal);
        Assert.Contains("x-thrown: yes\r\n", trailers, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_ServiceFails_StatusIsInTheHeaders()
    {
        await using var server = await Start(isEnabled: true);

        var (response, frames) = await Call(server, "Echo", new Ask { Status = 5 }, "application/grpc-web");

        Assert.Empty(frames);
        Assert.Equal(5, RawCall.StatusOf(response));
    }

    [Fact]
    public async Task Unary_DeadlinePasses_StatusArrives()
    {
        await using var server = await Start(isEnabled: true);

        var (response, _) = await Call(
            server, "Echo", new Ask { Delay = 600_000 }, "application/grpc-web", ("grpc-timeout", "100m"));

        Assert.Equal((int)StatusCode.DeadlineExceeded, RawCall.StatusOf(response));
    }

    [Fact]
    public async Task Service_ThatIsNotEnabled_DoesNotSpeakIt()
    {
        await using var server = await Start(isEnabled: false);

        var (response, _) = await Call(server, "Echo", new Ask(), "application/grpc-web");

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    private static Task<TestServer> Start(bool isEnabled) => TestServer.StartAt(
        TestServer.Loopback(HttpProtocols.Http1),
        pipeline: application => application.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = isEnabled }));

    private static async Task<(HttpResponseMessage Response, List<(byte Flag, byte[] Payload)> Frames)> Call(
        TestServer server, string method, Ask ask, string contentType, params (string Name, string Value)[] headers)
    {
        var isText = contentType.Contains("text", StringComparison.Ordinal);
        var frame = RawCall.Frame(ask);
        using var client = new HttpClient { Timeout = Given.Patience };
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"{server.Address}/physintuition.interop.v1.Interop/{method}");
        request.Content = new ByteArrayContent(isText ? Encoding.ASCII.GetBytes(Convert.ToBase64String(frame)) : frame);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();
        return (response, Frames(isText ? DecodeChunks(Encoding.ASCII.GetString(body)) : body));
    }

    // Chunks end where their padding ends; decoding four characters at a time takes any number of them.
    private static byte[] DecodeChunks(string text) =>
        [.. text.Chunk(4).SelectMany(group => Convert.FromBase64CharArray(group, 0, group.Length))];

    private static List<(byte Flag, byte[] Payload)> Frames(byte[] body)
    {
        var frames = new List<(byte, byte[])>();
        for (var start = 0; start < body.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(body.AsSpan(start + 1));
            frames.Add((body[start], body[(start + 5)..(start + 5 + length)]));
            start += 5 + length;
        }

        return frames;
    }
}
