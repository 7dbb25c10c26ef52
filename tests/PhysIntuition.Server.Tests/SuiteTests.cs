using Grpc.Core;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

public sealed class SuiteTests
{
    [Fact]
    public async Task Reset_MinimalPairs_ComeInTwosOfOppositeOutcome()
    {
        await using var server = await RunningServer.StartAsync();
        var session = await server.OpenAsync();
        var created = await server.Stub.CreateAsync(
            new CreateRequest
            {
                Task = "Stability-v1",
                Split = "test/pairs-v1",
                Slots = 6,
                Observe = new ObservationRequest { Names = { "expert" } },
            },
            session);

        var start = await server.Stub.ResetAsync(
            new ResetRequest { Environment = created.Environment.Environment, Seed = 0 }, session);

        var experts = Given.Texts(start.Observations, "expert");
        Assert.Equal("test/pairs-v1", created.Environment.Split);
        Assert.All(Enumerable.Range(0, 3), pair => Assert.NotEqual(experts[2 * pair], experts[(2 * pair) + 1]));
    }

    [Fact]
    public async Task Create_UnknownSuite_ListsThoseThatThereAre()
    {
        await using var server = await RunningServer.StartAsync();
        var session = await server.OpenAsync();

        var (code, error) = await Given.RefusalAsync(server.Stub.CreateAsync(
            new CreateRequest { Task = "Stability-v1", Split = "test/upside-down-v1" }, session));

        Assert.Equal((StatusCode.InvalidArgument, "UNKNOWN_SPLIT"), (code, error.Reason));
        Assert.Contains("pairs-v1", error.Message, StringComparison.Ordinal);
    }
}
