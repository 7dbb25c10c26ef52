using System.Collections.Concurrent;
using PhysIntuition.Server.Tests;
using PhysIntuition.V1;

namespace PhysIntuition.Client.Tests;

/// <summary>A session that is lost with its server goes on at another one.</summary>
public sealed class RecoveryTests
{
    private const string Secret = "Engine:SnapshotSecret=shared";

    private static readonly EnvironmentSettings s_settings = new("OffsetX-v1")
    {
        Slots = 3, Observe = new Observe("seed", "outcome_hash"),
    };

    private readonly ConcurrentQueue<string> _log = [];

    [Fact]
    public async Task Calls_ServersLostInTheirMiddle_GoOnElsewhereBitForBit()
    {
        await using var first = await RunningServer.StartAsync(Secret);
        await using var second = await RunningServer.StartAsync(Secret);
        var near = new CuttableProxy(first.Address);
        await using var far = new CuttableProxy(second.Address);
        await using var client = await ConnectAsync(near.Address, far.Address);
        await using var whole = await ConnectAsync(second.Address);
        await using var lost = await client.CreateAsync(s_settings);
        await using var expected = await whole.CreateAsync(s_settings);
        Assert.Equal(await PlayAsync(expected, 0, 100, seed: 1), await PlayAsync(lost, 0, 100, seed: 1));
        await using var lostFork = await lost.ForkAsync([2, 0, 2]);
        await using var fork = await expected.ForkAsync([2, 0, 2]);
        Assert.Equal(await PlayAsync(fork, 0, 5), await PlayAsync(lostFork, 0, 5));

        await near.DisposeAsync();   // nobody listens there any more

        Assert.Equal(await PlayAsync(expected, 100, 50), await PlayAsync(lost, 100, 50));
        Assert.Equal(await PlayAsync(fork, 5, 5), await PlayAsync(lostFork, 5, 5));
        var calls = Task.WhenAll(PlayAsync(lost, 150, 60), PlayAsync(lostFork, 10, 60));
        far.Target = first.Address;   // another server, which does not know this session
        far.Cut();
        Assert.Equal(await Task.WhenAll(PlayAsync(expected, 150, 60), PlayAsync(fork, 10, 60)), await calls);
        Assert.Equal(2, _log.Count);
        Assert.All(_log, line => Assert.Equal($"The session is lost; its environments go on at {far.Address}, rebuilt "
            + "from their snapshots and calls.", line));
    }

    [Fact]
    public async Task Calls_HungUpOnWhileResuming_AreMadeAgain()
    {
        await using var server = await RunningServer.StartAsync();
        await using var proxy = new CuttableProxy(server.Address);
        await using var client = await ConnectAsync(proxy.Address);
        await using var whole = await ConnectAsync(server.Address);
        await using var shaken = await client.CreateAsync(s_settings);
        await using var expected = await whole.CreateAsync(s_settings);
        Assert.Equal(await PlayAsync(expected, 0, 5, seed: 1), await PlayAsync(shaken, 0, 5, seed: 1));

        proxy.HangUps = 3;
        proxy.Cut();

        Assert.Equal(await PlayAsync(expected, 5, 5), await PlayAsync(shaken, 5, 5));
        Assert.Equal(0, proxy.HangUps);
    }

    [Fact]
    public async Task Reset_WithoutSeeds_GoesOnWithWhatTheServerDrew()
    {
        await using var first = await RunningServer.StartAsync(Secret);
        await using var second = await RunningServer.StartAsync(Secret);
        await using var proxy = new CuttableProxy(first.Address);
        await using var client = await ConnectAsync(proxy.Address);
        await using var whole = await ConnectAsync(second.Address);
        await using var lost = await client.CreateAsync(s_settings);
        await using var expected = await whole.CreateAsync(s_settings);
        await lost.ResetAsync(new ResetSettings { Mask = [true, false, true] });
        await lost.ResetAsync(new ResetSettings { Mask = [false, true, false] });
        await PlayAsync(lost, 0, 7);
        await expected.RestoreAsync(await lost.SnapshotAsync());

        proxy.Target = second.Address;
        proxy.Cut();

        Assert.Equal(await PlayAsync(expected, 7, 30), await PlayAsync(lost, 7, 30));
    }

    [Fact]
    public async Task Session_WhereSnapshotsCannotBeRead_IsLostUnlessASeedIsEnough()
    {
        await using var first = await RunningServer.StartAsync();
        await using var second = await RunningServer.StartAsync();
        await using var proxy = new CuttableProxy(first.Address);
        await using var client = await ConnectAsync(proxy.Address);
        await using var whole = await ConnectAsync(second.Address);
        await using var drawn = await client.CreateAsync(s_settings);
        await using var seeded = await client.CreateAsync(s_settings);
        await using var expected = await whole.CreateAsync(s_settings);
        await drawn.ResetAsync();
        Assert.Equal(await PlayAsync(expected, 0, 9, seed: 4), await PlayAsync(seeded, 0, 9, seed: 4));

        proxy.Target = second.Address;
        proxy.Cut();

        for (var again = 0; again < 2; again++)
        {
            var refused = await Assert.ThrowsAsync<EnvironmentException>(() => PlayAsync(drawn, 0, 1));
            Assert.Equal("SESSION_LOST", refused.Reason);
            Assert.Contains("the same PhysIntuition:Engine:SnapshotSecret", refused.Message);
        }

        Assert.Equal(await PlayAsync(expected, 9, 9), await PlayAsync(seeded, 9, 9));
    }

    [Fact]
    public async Task Session_ThatMustNotBeRebuilt_FailsAsTheServerSays()
    {
        await using var first = await RunningServer.StartAsync(Secret);
        await using var second = await RunningServer.StartAsync(Secret);
        await using var proxy = new CuttableProxy(first.Address);
        await using var client = await PhysIntuitionClient.ConnectAsync(
            new ClientOptions { Address = proxy.Address, Recover = false, Log = _log.Enqueue });
        await using var environment = await client.CreateAsync(s_settings);

        proxy.Target = second.Address;
        proxy.Cut();

        var refused = await Assert.ThrowsAsync<EnvironmentException>(() => PlayAsync(environment, 0, 1, seed: 1));
        Assert.Equal("UNKNOWN_SESSION", refused.Reason);
        Assert.Empty(_log);
    }

    [Fact]
    public async Task Dataset_ServerLostInItsMiddle_ComesWhole()
    {
        await using var first = await RunningServer.StartAsync();
        await using var second = await RunningServer.StartAsync();
        var near = new CuttableProxy(first.Address);
        await using var client = await ConnectAsync(near.Address, second.Address);
        var settings = new DatasetSettings("OffsetX-v1", FirstSeed: 5, Count: 400)
        {
            ChunkRows = 4, Observe = new Observe("rgb", "scene_hash") { Width = 64, Height = 64 },
        };
        var hashes = new List<ulong>();
        await foreach (var rows in client.StreamDatasetAsync(settings))
        {
            Assert.Equal(hashes.Count, (int)rows.FirstRow);
            hashes.AddRange(rows.Columns["scene_hash"].As<ulong>().ToArray());
            if (hashes.Count == 40)
            {
                await near.DisposeAsync();
            }
        }

        await using var whole = await ConnectAsync(second.Address);
        var expected = new List<ulong>();
        await foreach (var rows in whole.StreamDatasetAsync(settings))
        {
            expected.AddRange(rows.Columns["scene_hash"].As<ulong>().ToArray());
        }

        Assert.Equal(expected, hashes);
    }

    // Steps, three of them in flight at a time; what each said.
    private static async Task<List<string>> PlayAsync(IEnvironment environment, int from, int count, ulong? seed = null)
    {
        if (seed is { } given)
        {
            await environment.ResetAsync(given);
        }

        var calls = new Queue<Task<StepResult>>();
        var said = new List<string>();
        for (var i = from; i < from + count || calls.Count > 0; i++)
        {
            if (i < from + count)
            {
                float action = 7 * (i % 9);
                calls.Enqueue(environment.StepAsync(new[] { action, action, action }).AsTask());
            }

            if (calls.Count == 3 || i >= from + count)
            {
                var step = await calls.Dequeue().WaitAsync(RunningServer.Patience);
                said.Add($"{string.Join(' ', step.Rewards.ToArray())} | "
                    + $"{string.Join(' ', step.Observations["seed"].As<ulong>().ToArray())} | "
                    + $"{string.Join(' ', step.Observations["outcome_hash"].As<ulong>().ToArray())}");
            }
        }

        return said;
    }

    private Task<PhysIntuitionClient> ConnectAsync(params Uri[] addresses) => PhysIntuitionClient.ConnectAsync(
        new ClientOptions { Address = addresses[0], Fallbacks = addresses[1..], Log = _log.Enqueue });
}
