using Grpc.Core;
using Grpc.Health.V1;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace PhysIntuition.Server.Tests;

/// <summary>The standard health service, as load balancers and Kubernetes ask it.</summary>
public sealed class HealthTests
{
    [Fact]
    public async Task Check_OfAServerThatTakesWork_SaysServing()
    {
        await using var server = await RunningServer.StartAsync();

        var reply = await Client(server).CheckAsync(new HealthCheckRequest());

        Assert.Equal(ServingStatus.Serving, reply.Status);
    }

    [Fact]
    public async Task Check_OfAServiceThatIsNotHere_IsNotFound()
    {
        await using var server = await RunningServer.StartAsync();

        var refusal = await Given.RefusalAsync(
            Client(server).CheckAsync(new HealthCheckRequest { Service = "no.such.Service" }));

        Assert.Equal(StatusCode.NotFound, refusal.Code);
    }

    [Fact]
    public async Task Watch_WhenTheServerStops_SaysNotServingAndEnds()
    {
        await using var server = await RunningServer.StartAsync();
        using var watch = Client(server).Watch(new HealthCheckRequest());
        Assert.True(await NextAsync(watch));
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);

        var stopping = server.StopAsync();

        Assert.True(await NextAsync(watch));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.False(await NextAsync(watch));
        await stopping.WaitAsync(RunningServer.Patience);
    }

    private static Health.HealthClient Client(RunningServer server) => new(server.Channel);

    private static Task<bool> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch) =>
        watch.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(RunningServer.Patience);
}
