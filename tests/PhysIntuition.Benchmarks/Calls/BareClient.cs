using System.Net;

namespace PhysIntuition.Benchmarks.Calls;

/// <summary>The rival: the same headers and bytes over the same HTTP/2 stack, with no gRPC at either end.</summary>
internal sealed class BareClient(string address, byte[] message) : IDisposable
{
    private readonly Uri _uri = new(address + EchoServer.BarePath);
    private readonly byte[] _buffer = new byte[message.Length + 16];
    private readonly HttpMessageInvoker _invoker = new(new SocketsHttpHandler
    {
        EnableMultipleHttp2Connections = true,
        AllowAutoRedirect = false,
        UseCookies = false,
    });

    public void Dispose() => _invoker.Dispose();

    internal async Task Call()
    {
        using var content = new ByteArrayContent(message);
        using var request = new HttpRequestMessage(HttpMethod.Post, _uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("TE", "trailers");
        request.Headers.TryAddWithoutValidation("User-Agent", "grpc-bare/1.0");
        request.Headers.TryAddWithoutValidation("grpc-accept-encoding", "identity,gzip,deflate");
        using var response = await _invoker.SendAsync(request, CancellationToken.None).ConfigureAwait(false);
        var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        while (await body.ReadAsync(_buffer).ConfigureAwait(false) > 0)
        {
        }
    }
}
