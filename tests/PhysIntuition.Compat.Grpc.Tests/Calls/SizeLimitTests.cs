using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

/// <summary>Limits on both ends, in both directions; an Ask of 1,000 bytes is 1,003 with its tag and length.</summary>
public sealed class SizeLimitTests
{
    private const int Body = 1000, Message = Body + 3;

    private static readonly Ask s_ask = new() { Body = ByteString.CopyFrom(new byte[Body]) };

    [Theory]
    [InlineData(Message, true)]
    [InlineData(Message - 1, false)]
    public async Task Server_ReceivesUpToItsLimit(int limit, bool isAllowed)
    {
        await using var server = await TestServer.Start(options => options.MaxReceiveMessageSize = limit);
        using var channel = Given.Channel(server);

        await Expect(isAllowed, new Interop.InteropClient(channel), s_ask);
    }

    [Theory]
    [InlineData(Message + 2, true)]
    [InlineData(Message, false)]
    public async Task Server_SendsUpToItsLimit(int limit, bool isAllowed)
    {
        // A Reply has two bytes more: its count.
        await using var server = await TestServer.Start(options => options.MaxSendMessageSize = limit);
        using var channel = Given.Channel(server);

        await Expect(isAllowed, new Interop.InteropClient(channel), s_ask);
    }

    [Theory]
    [InlineData(Message, true)]
    [InlineData(Message - 1, false)]
    public async Task Client_SendsUpToItsLimit(int limit, bool isAllowed)
    {
        await using var server = await TestServer.Start();
        using var channel = Given.Channel(server, options => options.MaxSendMessageSize = limit);

        await Expect(isAllowed, new Interop.InteropClient(channel), s_ask);
    }

    [Theory]
    [InlineData(Message + 2, true)]
    [InlineData(Message, false)]
    public async Task Client_ReceivesUpToItsLimit(int limit, bool isAllowed)
    {
        await using var server = await TestServer.Start();
        using var channel = Given.Channel(server, options => options.MaxReceiveMessageSize = limit);

        await Expect(isAllowed, new Interop.InteropClient(channel), s_ask);
    }

    [Fact]
    public async Task Server_GzipBomb_StopsAtTheLimit()
    {
        await using var server = await TestServer.Start(options => options.MaxReceiveMessageSize = 1 << 20);
        using var channel = Given.Channel(server);
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        var bomb = new Ask { Body = ByteString.CopyFrom(new byte[16 << 20]) };

        var fault = await Given.Fails(async () => await new Interop.InteropClient(channel).EchoAsync(bomb, headers));

        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
        Assert.Contains("MaxReceiveMessageSize", fault.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_RefusesALargeRequestOnItsWay_CallerGetsTheStatusNotTheReset()
    {
        await using var server = await TestServer.Start(options => options.MaxReceiveMessageSize = 1 << 20);
        using var channel = Given.Channel(server);
        var client = new Interop.InteropClient(channel);
        var large = new Ask { Body = UnsafeByteOperations.UnsafeWrap(new byte[32 << 20]) };

        for (var i = 0; i < 10; i++)
        {
            var fault = await Given.Fails(async () => await client.EchoAsync(large));
            Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
        }
    }

    private static async Task Expect(bool isAllowed, Interop.InteropClient client, Ask ask)
    {
        if (isAllowed)
        {
            Assert.Equal(ask.Body, (await client.EchoAsync(ask, deadline: Given.Deadline)).Body);
            return;
        }

        var fault = await Given.Fails(async () => await client.EchoAsync(ask));
        Assert.Equal(StatusCode.ResourceExhausted, fault.StatusCode);
    }
}
