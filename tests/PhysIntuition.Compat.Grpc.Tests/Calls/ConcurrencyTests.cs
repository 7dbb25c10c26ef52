using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class ConcurrencyTests : IAsyncLifetime
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
    public async Task ThousandStreams_OpenAtOnce_EachEchoesItsOwn()
    {
        var calls = Enumerable.Range(0, 1000).Select(_ => _client.Chat(deadline: Given.Deadline)).ToArray();

        for (var turn = 0; turn < 2; turn++)
        {
            await Task.WhenAll(calls.Select((call, i) => call.RequestStream.WriteAsync(new Ask { Number = i + turn })));
            await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext(CancellationToken.None)));
            Assert.Equal(
                Enumerable.Range(turn, calls.Length).Select(number => (long)number),
                calls.Select(call => call.ResponseStream.Current.Number));
        }

        await Task.WhenAll(calls.Select(call => call.RequestStream.CompleteAsync()));
        Assert.DoesNotContain(true, await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext())));
    }

    [Fact]
    public async Task ThousandUnaryCalls_SomeFailingSomeDelayed_EachGetsItsOwnAnswer()
    {
        var calls = Enumerable.Range(0, 1000).Select(async i =>
        {
            var ask = new Ask { Text = $"{i}", Status = i % 3 == 0 ? 1 + (i % 16) : 0, Delay = i % 5 == 0 ? 5 : 0 };
            try
            {
                return (await _client.EchoAsync(ask, deadline: Given.Deadline)).Text == $"{i}" && ask.Status == 0;
            }
            catch (RpcException fault)
            {
                return (int)fault.StatusCode == ask.Status;
            }
        });

        Assert.DoesNotContain(false, await Task.WhenAll(calls));
    }

    [Fact]
    public async Task Stream_LargerThanTheWindows_LosesNothing()
    {
        // 64 replies of 1 MiB are far more than the flow-control windows of both ends hold.
        using var call = _client.Repeat(new Ask { Count = 64, Size = 1 << 20 }, deadline: Given.Deadline);

        long bytes = 0;
        await foreach (var reply in call.ResponseStream.ReadAllAsync())
        {
            bytes += reply.Body.Length;
        }

        Assert.Equal(64L << 20, bytes);
    }

    [Fact]
    public async Task Stream_BufferedRequests_AllArrive()
    {
        using var call = _client.Sum(deadline: Given.Deadline);
        call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.BufferHint);
        for (var i = 0; i < 10_000; i++)
        {
            await call.RequestStream.WriteAsync(new Ask { Number = 1 });
        }

        await call.RequestStream.CompleteAsync();

        Assert.Equal(10_000, (await call).Number);
    }

    [Fact]
    public async Task Streams_SecondReadOrWriteAtATime_Throws()
    {
        using var call = _client.Chat(deadline: Given.Deadline);
        var reading = call.ResponseStream.MoveNext(CancellationToken.None);

        await Assert.ThrowsAsync<InvalidOperationException>(() => call.ResponseStream.MoveNext(CancellationToken.None));
        await call.RequestStream.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new Ask()));
        Assert.False(await reading);
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }
}
