using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Malformed;

/// <summary>The client against responses that are wrong at every level.</summary>
public sealed class MalformedResponseTests
{
    private static readonly byte[] s_good = RawCall.Frame(new Reply { Text = "good" });
    private static readonly (string, string) s_ok = ("grpc-status", "0");

    /// <summary>A name, the body of a response that then says OK, and the status that the caller must get.</summary>
    public static TheoryData<string, byte[], StatusCode> Bodies => new()
    {
        { "no message", [], StatusCode.Internal },
        { "half a header", [0, 0], StatusCode.Internal },
        { "less than announced", RawCall.Frame([1, 2], length: 9), StatusCode.Internal },
        { "two messages", [.. s_good, .. s_good], StatusCode.Internal },
        { "flag 7", RawCall.Frame([], flag: 7), StatusCode.Internal },
        { "compressed without encoding", RawCall.Frame([1], flag: 1), StatusCode.Internal },
        { "4 GiB announced", RawCall.Frame([], length: -1), StatusCode.ResourceExhausted },
        { "not protobuf", RawCall.Frame([0xff, 0xff]), StatusCode.Internal },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_ThatIsNoMessage_GivesItsStatus(string name, byte[] body, StatusCode expected)
    {
        await using var server = await RawServer.Answering(body, s_ok);

        var fault = await Fails(server);

        Assert.True(fault.StatusCode == expected, $"{name}: {fault.Status}");
    }

    [Theory]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("-1", StatusCode.Unknown)]
    [InlineData("OK", StatusCode.Unknown)]
    [InlineData("5", StatusCode.NotFound)]
    public async Task Status_InTrailers_IsRead(string status, StatusCode expected)
    {
        await using var server = await RawServer.Answering(s_good, ("grpc-status", status));

        Assert.Equal(expected, (await Fails(server)).StatusCode);
    }

    [Fact]
    public async Task Trailers_WithoutStatus_AreUnknown()
    {
        await using var server = await RawServer.Answering(s_good);

        Assert.Equal(StatusCode.Unknown, (await Fails(server)).StatusCode);
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("100%25 %E7%81%AB", "100% 火")]
    [InlineData("bad %zz %4", "bad %zz %4")]
    public async Task Message_InTrailers_IsDecodedOrLeftAsItIs(string sent, string expected)
    {
        await using var server = await RawServer.Answering(s_good, ("grpc-status", "13"), ("grpc-message", sent));

        Assert.Equal(expected, (await Fails(server)).Status.Detail);
    }

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(503, StatusCode.Unavailable)]
    public async Task HttpStatus_OtherThan200_IsTranslated(int httpStatus, StatusCode expected)
    {
        await using var server = await RawServer.Start(context =>
        {
            context.Response.StatusCode = httpStatus;
            return Task.CompletedTask;
        });

        Assert.Equal(expected, (await Fails(server)).StatusCode);
    }

    [Fact]
    public async Task ContentType_OfAPage_IsUnknown()
    {
        await using var server = await RawServer.Start(context => context.Response.WriteAsync("<html>"));

        Assert.Equal(StatusCode.Unknown, (await Fails(server)).StatusCode);
    }

    // The codes are those of RFC 9113, section 7.
    [Theory]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    [InlineData(0x2, StatusCode.Internal)]
    public async Task Stream_ThatIsReset_GivesTheStatusOfItsCode(int errorCode, StatusCode expected)
    {
        await using var server = await RawServer.Start(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.Get<IHttpResetFeature>()!.Reset(errorCode);
        });

        Assert.Equal(expected, (await Fails(server)).StatusCode);
    }

    [Fact]
    public async Task Address_WhereNobodyListens_IsUnavailable()
    {
        using var channel = GrpcChannel.ForAddress("http://127.0.0.1:1");
        var client = new Interop.InteropClient(channel);

        var fault = await Given.Fails(async () => await client.EchoAsync(new Ask()));

        Assert.Equal(StatusCode.Unavailable, fault.StatusCode);
    }

    private static async Task<RpcException> Fails(RawServer server)
    {
        using var channel = GrpcChannel.ForAddress(server.Address);
        var client = new Interop.InteropClient(channel);
        return await Given.Fails(async () => await client.EchoAsync(new Ask()));
    }
}
