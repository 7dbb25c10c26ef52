using Grpc.Core;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using PhysIntuition.Compat.Grpc.Tests.Protos;

namespace PhysIntuition.Compat.Grpc.Tests.Calls;

public sealed class StatusTests : IAsyncLifetime
{
    private TestServer _server = null!;
    private Interop.InteropClient _client = null!;

    public static TheoryData<StatusCode> Failures =>
        [.. Enum.GetValues<StatusCode>().Where(code => code != StatusCode.OK)];

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.Start();
        _client = Given.Client(_server);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task Unary_ServiceThrows_CallerGetsCodeDetailAndTrailers(StatusCode code)
    {
        var detail = $"no luck: 100 % ÄÖÜ \n 火 {code}";

        var fault = await Given.Fails(async () => await _client.EchoAsync(Asking(code, detail)));

        Assert.Equal(code, fault.StatusCode);
        Assert.Equal(detail, fault.Status.Detail);
        Assert.Equal("yes", fault.Trailers.GetValue("x-thrown"));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task ServerStreaming_ServiceThrowsAfterReplies_CallerGetsBoth(StatusCode code)
    {
        var request = Asking(code, "later");
        request.Count = 2;
        using var call = _client.Repeat(request);

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        var fault = await Given.Fails(() => call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(code, fault.StatusCode);
        Assert.Equal("later", fault.Status.Detail);
        Assert.Equal(code, call.GetStatus().StatusCode);
        Assert.Equal("yes", call.GetTrailers().GetValue("x-thrown"));
    }

    [Fact]
    public async Task ClientStreaming_ServiceThrowsEarly_WritesAndResponseFailWithItsStatus()
    {
        using var call = _client.Sum();
        await call.RequestStream.WriteAsync(Asking(StatusCode.InvalidArgument, "no"));

        var answer = await Given.Fails(async () => await call);
        var write = await Given.Fails(() => call.RequestStream.WriteAsync(new Ask()));

        Assert.Equal(StatusCode.InvalidArgument, answer.StatusCode);
        Assert.Equal(StatusCode.InvalidArgument, write.StatusCode);
    }

    [Fact]
    public async Task DuplexStreaming_ServiceThrows_ReaderGetsTheStatus()
    {
        using var call = _client.Chat();
        await call.RequestStream.WriteAsync(new Ask());
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        await call.RequestStream.WriteAsync(Asking(StatusCode.Aborted, "enough"));

        var fault = await Given.Fails(() => call.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.Aborted, fault.StatusCode);
    }

    private static Ask Asking(StatusCode code, string detail) => new() { Status = (int)code, Detail = detail };
}
