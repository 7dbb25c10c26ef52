using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Peers;

/// <summary>The C# client against stock servers of other languages.</summary>
public sealed class PeerServerTests
{
    private const int Long = 600_000;

    public static TheoryData<string> Peers => [.. Peer.Names];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Server_OfAnotherLanguage_ServesEveryKindOfCall(string name)
    {
        await using var server = await (await Peer.Find(name)).StartServer();
        using var channel = GrpcChannel.ForAddress(
            server.Address, new GrpcChannelOptions { MaxReceiveMessageSize = 64 << 20 });
        var client = new Interop.InteropClient(channel);

        await Messages(client);
        await Streams(client);
        await Statuses(client);
        await MetadataBothWays(client);
        await DeadlineAndCancel(client);
        await ThousandStreams(client);
        await Compression(client);
    }

    private static async Task Messages(Interop.InteropClient client)
    {
        Assert.Equal("hello", (await client.EchoAsync(new Ask { Text = "hello" }, deadline: Given.Deadline)).Text);
        Assert.Equal(new Reply { Count = 1 }, await client.EchoAsync(new Ask(), deadline: Given.Deadline));
        var body = ByteString.CopyFrom(new byte[32 << 20]);
        Assert.Equal(body, (await client.EchoAsync(new Ask { Body = body }, deadline: Given.Deadline)).Body);
    }

    private static async Task Streams(Interop.InteropClient client)
    {
        using var repeat = client.Repeat(new Ask { Count = 5 }, deadline: Given.Deadline);
        var numbers = await repeat.ResponseStream.ReadAllAsync().Select(reply => reply.Number).ToArrayAsync();
        Assert.Equal([0L, 1, 2, 3, 4], numbers);

        using var sum = client.Sum(deadline: Given.Deadline);
        for (var number = 1; number <= 100; number++)
        {
            await sum.RequestStream.WriteAsync(new Ask { Number = number });
        }

        await sum.RequestStream.CompleteAsync();
        Assert.Equal(new Reply { Count = 100, Number = 5050 }, await sum);

        using var chat = client.Chat(deadline: Given.Deadline);
        for (var number = 0; number < 20; number++)
        {
            await chat.RequestStream.WriteAsync(new Ask { Number = number });
            Assert.True(await chat.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(number, chat.ResponseStream.Current.Number);
        }

        await chat.RequestStream.CompleteAsync();
        Assert.False(await chat.ResponseStream.MoveNext(CancellationToken.None));
    }

    private static async Task Statuses(Interop.InteropClient client)
    {
        foreach (var code in Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK))
        {
            var ask = new Ask { Status = (int)code, Detail = $"100 % größer\n火 {code}", Count = 1 };
            var unary = await Given.Fails(async () => await client.EchoAsync(ask));
            using var repeat = client.Repeat(ask);
            var streamed = await Given.Fails(async () => await repeat.ResponseStream.ReadAllAsync().CountAsync());
            foreach (var fault in new[] { unary, streamed })
            {
                Assert.Equal(new Status(code, ask.Detail), fault.Status);
                Assert.Equal("yes", fault.Trailers.GetValue("x-thrown"));
            }
        }
    }

    private static async Task MetadataBothWays(Interop.InteropClient client)
    {
        var bytes = Enumerable.Range(0, 256).Select(value => (byte)value).ToArray();
        var headers = new Metadata { { "x-text", "a, b" }, { "x-bytes-bin", bytes } };
        using var call = client.EchoAsync(new Ask(), headers, Given.Deadline);
        await call;
        foreach (var received in new[] { await call.ResponseHeadersAsync, call.GetTrailers() })
        {
            Assert.Equal("a, b", received.GetValue("x-text"));
            Assert.Equal(bytes, received.GetValueBytes("x-bytes-bin"));
        }
    }

    private static async Task DeadlineAndCancel(Interop.InteropClient client)
    {
        var late = await Given.Fails(async () => await client.EchoAsync(
            new Ask { Delay = Long }, deadline: DateTime.UtcNow.AddMilliseconds(300)));
        Assert.Equal(StatusCode.DeadlineExceeded, late.StatusCode);

        using var cancellation = new CancellationTokenSource();
        using var chat = client.Chat(cancellationToken: cancellation.Token);
        await chat.RequestStream.WriteAsync(new Ask());
        Assert.True(await chat.ResponseStream.MoveNext(CancellationToken.None));
        await chat.RequestStream.WriteAsync(new Ask { Delay = Long });
        var reading = chat.ResponseStream.MoveNext(CancellationToken.None);
        cancellation.Cancel();
        Assert.Equal(StatusCode.Cancelled, (await Given.Fails(() => reading)).StatusCode);
    }

    private static async Task ThousandStreams(Interop.InteropClient client)
    {
        var calls = Enumerable.Range(0, 1000).Select(_ => client.Chat(deadline: Given.Deadline)).ToArray();
        for (var turn = 0; turn < 2; turn++)
        {
            await Task.WhenAll(calls.Select((call, i) => call.RequestStream.WriteAsync(new Ask { Number = i + turn })));
            await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext(CancellationToken.None)));
            Assert.Equal(
                Enumerable.Range(turn, calls.Length).Select(number => (long)number),
                calls.Select(call => call.ResponseStream.Current.Number));
        }

        await Task.WhenAll(calls.Select(call => call.RequestStream.CompleteAsync()));
        var ends = await Task.WhenAll(calls.Select(call => call.ResponseStream.MoveNext(CancellationToken.None)));
        Assert.DoesNotContain(true, ends);
    }

    private static async Task Compression(Interop.InteropClient client)
    {
        var body = ByteString.CopyFrom(new byte[1_000_000]);
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        var reply = await client.EchoAsync(new Ask { Body = body }, headers, Given.Deadline);
        Assert.Equal(body, reply.Body);
    }
}
