using Grpc.Health.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>The standard services beside ours.</summary>
public sealed class HealthTests(BadInputTests.Shared shared) : IClassFixture<BadInputTests.Shared>
{
    [Fact]
    public async Task Check_OfAServerThatTakesWork_SaysServing()
    {
        var reply = await new Health.HealthClient(shared.Server.Channel).CheckAsync(new HealthCheckRequest());

        Assert.Equal(HealthCheckResponse.Types.ServingStatus.Serving, reply.Status);
    }
}
