using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Tests;

namespace PhysIntuition.Client.Tests;

/// <summary>The client from a container.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task AddPhysIntuition_FirstCall_ConnectsAndServesEveryKindOfCall()
    {
        await using var server = await RunningServer.StartAsync();
        await using var services = new ServiceCollection()
            .AddPhysIntuition(new ClientOptions { Address = server.Address }).BuildServiceProvider();
        var client = services.GetRequiredService<IEnvironmentClient>();

        var task = (await client.ListTasksAsync())[0];
        Assert.Equal(task, await client.GetTaskAsync(task.Id));
        await using var environment = await client.CreateAsync(new EnvironmentSettings(task.Id));
        var score = await client.ScoreAsync(new ScoreSettings(task.Id, [1]) { Answers = ["<answer>yes</answer>"] });
        var rows = 0;
        await foreach (var chunk in client.StreamDatasetAsync(
            new DatasetSettings(task.Id, FirstSeed: 0, Count: 3) { Observe = new Observe("prompt") }))
        {
            rows += chunk.Seeds.Count;
        }

        Assert.Equal((1, 1, 3), (environment.Slots, score.Rewards.Length, rows));
        Assert.Same(client, services.GetRequiredService<IEnvironmentClient>());
    }

    [Fact]
    public async Task AddPhysIntuition_NobodyThere_FailsWithEachCallAndIsDisposedOfQuietly()
    {
        var services = new ServiceCollection()
            .AddPhysIntuition(_ => new ClientOptions { Address = new Uri("http://127.0.0.1:1") })
            .BuildServiceProvider();
        var client = services.GetRequiredService<IEnvironmentClient>();

        for (var attempt = 0; attempt < 2; attempt++)
        {
            var failure = await Assert.ThrowsAsync<EnvironmentException>(async () => await client.ListTasksAsync());
            Assert.Equal(StatusCode.Unavailable, failure.Code);
        }

        services.Dispose();
    }
}
