using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>How large a message may be, in both directions, and what is said of a larger one.</summary>
public sealed class MessageSizeTests
{
    private const int Limit = 1 << 20;

    // An answer of so many letters makes a request of 16 bytes more: tags, lengths and the environment's number.
    private const int Around = 16;

    [Fact]
    public async Task Request_AtTheLimitAndOneBeyond_PassesAndIsResourceExhausted()
    {
        await using var server = await RunningServer.StartAsync($"Limits:MaxMessageBytes={Limit}");
        var headers = await server.OpenAsync();
        var fits = Request(Limit);
        var beyond = Request(Limit + 1);

        var passed = await Given.RefusalAsync(server.Stub.StepAsync(fits, headers));
        var refused = await Given.RefusalAsync(server.Stub.StepAsync(beyond, headers));

        // What fits is read: the server then misses the environment. What does not is not read at all.
        Assert.Equal((Limit, Limit + 1), (fits.CalculateSize(), beyond.CalculateSize()));
        Assert.Equal((StatusCode.NotFound, "UNKNOWN_ENVIRONMENT"), (passed.Code, passed.Error.Reason));
        Assert.Equal(StatusCode.ResourceExhausted, refused.Code);
    }

    [Fact]
    public async Task Request_OnItsWayWhenItIsRefused_CallerGetsTheStatusAndNotAReset()
    {
        await using var server = await RunningServer.StartAsync($"Limits:MaxMessageBytes={Limit}");
        var headers = await server.OpenAsync();
        var large = Request(32 * Limit);

        for (var call = 0; call < 5; call++)
        {
            var refused = await Given.RefusalAsync(server.Stub.StepAsync(large, headers));
            Assert.Equal(StatusCode.ResourceExhausted, refused.Code);
        }
    }

    [Fact]
    public async Task Request_ThatGrowsBeyondTheLimitWhenUnpacked_IsResourceExhausted()
    {
        await using var server = await RunningServer.StartAsync($"Limits:MaxMessageBytes={Limit}");
        var headers = await server.OpenAsync();
        headers.Add("grpc-internal-encoding-request", "gzip");

        var refused = await Given.RefusalAsync(server.Stub.StepAsync(Request(16 * Limit), headers));

        Assert.Equal(StatusCode.ResourceExhausted, refused.Code);
    }

    [Fact]
    public async Task Request_OfSeventyMegabytes_PassesAsTheServerIsSetUp()
    {
        await using var server = await RunningServer.StartAsync();
        using var channel = GrpcChannel.ForAddress(
            server.Address, new GrpcChannelOptions { MaxSendMessageSize = null });
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);

        var passed = await Given.RefusalAsync(stub.StepAsync(Request(70_000_000), await server.OpenAsync()));

        Assert.Equal((StatusCode.NotFound, "UNKNOWN_ENVIRONMENT"), (passed.Code, passed.Error.Reason));
    }

    [Fact]
    public async Task Reply_LargerThanGrpcsUsualFourMegabytes_Passes()
    {
        await using var server = await RunningServer.StartAsync();
        var headers = await server.OpenAsync();
        await server.Stub.CreateAsync(Given.Create(slots: 32, "rgb"), headers);

        var reply = await server.Stub.ResetAsync(new ResetRequest { Environment = 1, Seed = 1 }, headers);

        Assert.Equal(32 * 224 * 224 * 3, reply.Observations[0].Tensor.Data.Length);
    }

    private static StepRequest Request(int bytes)
    {
        var request = new StepRequest { Environment = 99, Texts = new TextActions() };
        request.Texts.Answers.Add(new string('x', bytes - Around));
        request.Texts.Answers[0] += new string('x', bytes - request.CalculateSize());
        return request;
    }
}
