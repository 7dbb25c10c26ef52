using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class MetadataTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Interop.InteropClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _client = Given.Client(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(256)]
    public async Task Headers_TextAndBytes_ComeBackAsHeadersAndTrailers(int length)
    {
        var bytes = Enumerable.Range(0, length).Select(i => (byte)(255 - i)).ToArray();
        var headers = new Metadata { { "x-text", "a, b" }, { "x-bytes-bin", bytes } };

        using var call = _client.EchoAsync(new Ask(), headers, Given.Deadline);
        await call;

        var answered = await call.ResponseHeadersAsync;
        Assert.Equal("a, b", answered.GetValue("x-text"));
        Assert.Equal(bytes, answered.GetValueBytes("x-bytes-bin"));
        Assert.Equal("a, b", call.GetTrailers().GetValue("x-text"));
        Assert.Equal(bytes, call.GetTrailers().GetValueBytes("x-bytes-bin"));
    }

    [Fact]
    public async Task Headers_SameKeyTwice_KeepOrder()
    {
        var headers = new Metadata { { "x-many", "first" }, { "x-many", "second" } };

        using var call = _client.EchoAsync(new Ask(), headers, Given.Deadline);
        await call;

        var values = string.Join(", ", call.GetTrailers().GetAll("x-many").Select(entry => entry.Value));
        Assert.Equal("first, second", values);
    }
}
