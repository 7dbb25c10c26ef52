using Google.Protobuf;
using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class CompressionTests
{
    private static readonly Ask s_ask = new() { Body = ByteString.CopyFrom(new byte[100_000]) };

    [Theory]
    [InlineData("gzip")]
    [InlineData("deflate")]
    public async Task Response_ServerCompresses_IsSmallOnTheWireAndWholeInTheEnd(string algorithm)
    {
        await using var server = await TestServer.Start(options => options.ResponseCompressionAlgorithm = algorithm);
        using var raw = new RawCall(server);

        using var response = await raw.Send(RawCall.Frame(s_ask), headers: ("grpc-accept-encoding", algorithm));
        var reply = await Given.Client(server).EchoAsync(s_ask, deadline: Given.Deadline);

        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(algorithm, RawCall.ValueOf(response, "grpc-encoding"));
        Assert.Equal(1, body[0]);
        Assert.InRange(body.Length, 6, 10_000);
        Assert.Equal(s_ask.Body, reply.Body);
    }

    [Fact]
    public async Task Response_CallerDoesNotAccept_IsPlain()
    {
        await using var server = await TestServer.Start(options => options.ResponseCompressionAlgorithm = "gzip");
        using var raw = new RawCall(server);

        using var response = await raw.Send(RawCall.Frame(s_ask));

        Assert.Null(RawCall.ValueOf(response, "grpc-encoding"));
        Assert.Equal(0, (await response.Content.ReadAsByteArrayAsync())[0]);
    }

    [Fact]
    public async Task Request_OneMessageMarkedNoCompress_TravelsBesideCompressedOnes()
    {
        await using var server = await TestServer.Start();
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        using var call = Given.Client(server).Chat(headers, Given.Deadline);

        foreach (var flags in new[] { WriteFlags.NoCompress, default })
        {
            call.RequestStream.WriteOptions = new WriteOptions(flags);
            await call.RequestStream.WriteAsync(s_ask);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(s_ask.Body, call.ResponseStream.Current.Body);
        }
    }

    [Fact]
    public async Task Server_AlgorithmThatNobodyKnows_FailsAtTheStart()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(
            () => TestServer.Start(options => options.ResponseCompressionAlgorithm = "brotli"));

        Assert.Contains("brotli", fault.Message, StringComparison.Ordinal);
    }
}
