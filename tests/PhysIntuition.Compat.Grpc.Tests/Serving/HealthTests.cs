using Grpc.Core;
using Grpc.Health.V1;
using Grpc.HealthCheck;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using PhysIntuition.Compat.Grpc.Tests.Hosting;
using ServingStatus = Grpc.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace PhysIntuition.Compat.Grpc.Tests.Serving;

public sealed class HealthTests
{
    private const string Physics = "physintuition.Physics";

    private HealthCheckResult _physics = HealthCheckResult.Healthy();

    [Fact]
    public async Task Check_OverTheApplicationsChecks_AnswersForServerAndService()
    {
        await using var server = await StartWithChecks();
        var client = new Health.HealthClient(Given.Channel(server));

        Assert.Equal(ServingStatus.Serving, await Check(client, ""));
        Assert.Equal(ServingStatus.Serving, await Check(client, Physics));
        _physics = HealthCheckResult.Unhealthy("no gravity");
        Assert.Equal(ServingStatus.NotServing, await Check(client, ""));
        Assert.Equal(ServingStatus.NotServing, await Check(client, Physics));
    }

    [Fact]
    public async Task Check_ServiceThatIsNotMapped_IsNotFound()
    {
        await using var server = await StartWithChecks();
        var client = new Health.HealthClient(Given.Channel(server));

        Assert.Equal(StatusCode.NotFound, (await Given.Fails(() => Check(client, "nobody"))).StatusCode);
    }

    [Fact]
    public async Task Watch_StatusChanges_TellsEachChangeOnce()
    {
        var health = new HealthServiceImpl();
        await using var server = await TestServer.Start(
            services: services => services.AddSingleton(health),
            endpoints: application => application.MapGrpcService<HealthServiceImpl>());
        var client = new Health.HealthClient(Given.Channel(server));
        using var watch = client.Watch(new HealthCheckRequest { Service = Physics }, deadline: Given.Deadline);

        Assert.Equal(ServingStatus.ServiceUnknown, await Next(watch));
        health.SetStatus(Physics, ServingStatus.Serving);
        Assert.Equal(ServingStatus.Serving, await Next(watch));
        health.SetStatus(Physics, ServingStatus.Serving);
        health.SetStatus(Physics, ServingStatus.NotServing);
        Assert.Equal(ServingStatus.NotServing, await Next(watch));
        health.ClearAll();
        Assert.Equal(ServingStatus.ServiceUnknown, await Next(watch));
    }

    [Fact]
    public async Task Watch_ServerStops_Ends()
    {
        var server = await StartWithChecks();
        var client = new Health.HealthClient(Given.Channel(server));
        using var watch = client.Watch(new HealthCheckRequest(), deadline: Given.Deadline);
        Assert.Equal(ServingStatus.Serving, await Next(watch));

        var ending = watch.ResponseStream.MoveNext(CancellationToken.None);
        await server.DisposeAsync();

        Assert.False(await ending.WaitAsync(Given.Patience));
    }

    private static async Task<ServingStatus> Check(Health.HealthClient client, string service) =>
        (await client.CheckAsync(new HealthCheckRequest { Service = service }, deadline: Given.Deadline)).Status;

    private static async Task<ServingStatus> Next(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        return watch.ResponseStream.Current.Status;
    }

    private Task<TestServer> StartWithChecks() => TestServer.Start(
        services: services => services
            .AddGrpcHealthChecks(options => options.Services.MapService(Physics, check => check.Name == "physics"))
            .AddCheck("physics", () => _physics),
        endpoints: application => application.MapGrpcHealthChecksService());
}
