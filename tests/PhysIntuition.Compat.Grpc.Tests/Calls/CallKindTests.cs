using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class CallKindTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Interop.InteropClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _client = Given.Client(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Unary_OneRequest_ComesBack()
    {
        var reply = await _client.EchoAsync(new Ask { Text = "hello" }, deadline: Given.Deadline);

        Assert.Equal("hello", reply.Text);
    }

    [Fact]
    public void BlockingUnary_OneRequest_ComesBack() =>
        Assert.Equal("hello", _client.Echo(new Ask { Text = "hello" }, deadline: Given.Deadline).Text);

    [Fact]
    public async Task Unary_EmptyMessage_ComesBackEmpty() =>
        Assert.Equal(new Reply { Count = 1 }, await _client.EchoAsync(new Ask(), deadline: Given.Deadline));

    [Fact]
    public async Task Unary_ThirtyTwoMebibytes_ComeBackUnchanged()
    {
        var body = new byte[32 << 20];
        for (var i = 0; i < body.Length; i += 4096)
        {
            body[i] = (byte)(i >> 12);
        }

        var reply = await _client.EchoAsync(
            new Ask { Body = UnsafeByteOperations.UnsafeWrap(body) }, deadline: Given.Deadline);

        Assert.True(reply.Body.Span.SequenceEqual(body));
    }

    [Fact]
    public async Task ServerStreaming_FiveReplies_ArriveInOrder()
    {
        using var call = _client.Repeat(new Ask { Count = 5 }, deadline: Given.Deadline);

        var numbers = await call.ResponseStream.ReadAllAsync().Select(reply => reply.Number).ToListAsync();

        Assert.Equal([0L, 1, 2, 3, 4], numbers);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ClientStreaming_ManyRequests_AreSummed()
    {
        const int count = 100;
        using var call = _client.Sum(deadline: Given.Deadline);

        for (var i = 1; i <= count; i++)
        {
            await call.RequestStream.WriteAsync(new Ask { Number = i });
        }

        await call.RequestStream.CompleteAsync();
        var reply = await call;

        Assert.Equal(count, reply.Count);
        Assert.Equal(count * (count + 1) / 2, reply.Number);
    }

    [Fact]
    public async Task DuplexStreaming_PingPong_EchoesEachBeforeTheNext()
    {
        using var call = _client.Chat(deadline: Given.Deadline);

        for (var i = 0; i < 20; i++)
        {
            await call.RequestStream.WriteAsync(new Ask { Number = i });
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(i, call.ResponseStream.Current.Number);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }
}
