using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;
using PhysIntuition.Server.Cluster;
using PhysIntuition.Server.Commands;

namespace PhysIntuition.Server.Tests;

/// <summary>What keeps two servers from acting for one session; what is said of a store that is not there.</summary>
public sealed class DurableStoreTests
{
    [Fact]
    public async Task Journal_ThatAnotherActivationHasGoneOnWith_RefusesToBeWritten()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await RunningServer.StartAsync("Cluster:Port=0", $"Cluster:Store={redis.Address}");
        var store = new RecordStore(
            StorageOf(server), GrainId.Create("session", "one"), RunningServer.Patience, TimeProvider.System);
        var (overtaken, current) = (new Journal(store, 0), new Journal(store, 0));
        await overtaken.AddAsync(Record(1));

        var (_, found) = await current.ReadAsync(environment: 7);
        await current.AddAsync(Record(2));

        // At the same place, and after the ring has been written all around.
        Assert.Equal(1, Assert.Single(found).Number);
        await Assert.ThrowsAsync<InconsistentStateException>(() => overtaken.AddAsync(Record(2)));
        for (var number = 3; number <= Journal.Capacity + 3; number++)
        {
            await current.AddAsync(Record(number));
        }

        await Assert.ThrowsAsync<InconsistentStateException>(() => overtaken.AddAsync(Record(2)));
    }

    [Fact]
    public async Task Journal_WithAMissingRecord_SaysWhich()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await RunningServer.StartAsync("Cluster:Port=0", $"Cluster:Store={redis.Address}");
        var store = new RecordStore(
            StorageOf(server), GrainId.Create("session", "two"), RunningServer.Patience, TimeProvider.System);
        var journal = new Journal(store, 0);
        await journal.AddAsync(Record(1));
        await journal.AddAsync(Record(3));

        var missing = await Assert.ThrowsAsync<InvalidDataException>(() => new Journal(store, 0).ReadAsync(7));

        Assert.Contains("Record 2 of environment 7 is missing", missing.Message);
    }

    [Fact]
    public async Task Fork_AfterOneOfWhichTheSnapshotAloneWasStored_IsCarriedOut()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await RunningServer.StartAsync(
            "Cluster:Port=0", $"Cluster:Store={redis.Address}", "Cluster:Patience=00:00:02");
        var info = await server.Stub.OpenSessionAsync(new V1.OpenSessionRequest { Durable = true });
        var headers = RunningServer.Headers(info);
        await server.Stub.CreateAsync(Given.Create(slots: 1), headers);
        await server.Stub.ResetAsync(new V1.ResetRequest { Environment = 1, Seed = 1 }, headers);

        // As if the session's server had been cut off before it had stored that there is a fork.
        var store = new RecordStore(
            StorageOf(server), GrainId.Create("session", info.Id), RunningServer.Patience, TimeProvider.System);
        await store.WriteAsync(new StoredRecord<SnapshotRecord>("1/snapshot"), new SnapshotRecord());

        var fork = await server.Stub.ForkAsync(new V1.ForkRequest { Environment = 1 }, headers);
        Assert.Equal(2u, fork.Environment.Environment);
    }

    [Fact]
    public async Task Store_ThatLosesEverySecondAnswer_IsAskedAgain()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await RunningServer.StartAsync("Cluster:Port=0", $"Cluster:Store={redis.Address}");
        var store = new RecordStore(new SilentStorage(StorageOf(server)), GrainId.Create("session", "three"),
            RunningServer.Patience, new FastTime());
        var record = new StoredRecord<JournalRecord>("record");

        foreach (var number in (long[])[1, 2, 3])
        {
            await store.WriteAsync(record, Record(number)).WaitAsync(RunningServer.Patience);
        }

        var found = await store.ReadAsync(new StoredRecord<JournalRecord>("record")).WaitAsync(RunningServer.Patience);
        Assert.Equal(3, found!.Number);
    }

    [Theory]
    [InlineData("127.0.0.1:6379", "must be redis://HOST:PORT or postgres://HOST/DATABASE")]
    [InlineData("reddis://127.0.0.1", "Did you mean 'redis://'?")]
    [InlineData("postgre://127.0.0.1/lab", "Did you mean 'postgres://'?")]
    [InlineData("redis://", "has no host")]
    [InlineData("redis://127.0.0.1/lab", "Redis' databases have numbers")]
    [InlineData("postgres://127.0.0.1", "names no database")]
    [InlineData("redis://127.0.0.1?ssl=true", "ends with '?ssl=true'")]
    public void Store_OfAWrongForm_IsRefusedWithTheRightOne(string store, string explanation) =>
        Assert.Contains(explanation, ClusterStore.WhyWrong(store));

    [Theory]
    [InlineData("redis://127.0.0.1:7")]
    [InlineData("rediss://user:pass@lab.example:6380/3")]
    [InlineData("postgres://user:pass@lab.example/physintuition")]
    public void Store_OfTheRightForm_IsTaken(string store) => Assert.Null(ClusterStore.WhyWrong(store));

    [Fact]
    public void Store_WithAPassword_IsShownWithoutIt() =>
        Assert.Equal("redis://***@lab.example:6380", ClusterStore.Shown("redis://me:secret@lab.example:6380"));

    [Theory]
    [InlineData("redis", "where no Redis answers")]
    [InlineData("postgres", "where no PostgreSQL answers")]
    public async Task Serve_WithAStoreThatDoesNotAnswer_SaysSoAndEnds(string scheme, string explanation)
    {
        await using var error = new StringWriter();
        var address = $"{scheme}://127.0.0.1:{Ports.Free()}/1";

        var code = await CommandLine.RunAsync(["serve", "--cluster", address], TextWriter.Null, error)
            .WaitAsync(RunningServer.Patience);

        Assert.NotEqual(0, code);
        Assert.Contains($"'--cluster' is {address}, {explanation}", error.ToString());
    }

    [Fact]
    public async Task Server_WhoseStoreIsEmptied_Ends()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await ServerProcess.StartNewAsync(
            $"Cluster:Store={redis.Address}", "Cluster:Port=0", "Listen:DrainTime=00:00:01");

        await redis.KillAsync();
        await redis.StartAsync();

        await server.EndAsync();
        Assert.Equal(1, server.ExitCode);
    }

    [Fact]
    public async Task Serve_WithoutACluster_LoadsNothingOfIt()
    {
        await using var plain = new ServerProcess();
        await plain.StartAsync();
        using var channel = Grpc.Net.Client.GrpcChannel.ForAddress(plain.Address);
        var stub = new V1.EnvironmentService.EnvironmentServiceClient(channel);
        var headers = RunningServer.Headers(await stub.OpenSessionAsync(new V1.OpenSessionRequest()));
        await stub.CreateAsync(Given.Create(slots: 1), headers);

        Assert.Contains("PhysIntuition.Calls.dll", plain.MappedFiles);
        Assert.DoesNotContain(plain.MappedFiles, file =>
            file.StartsWith("Orleans", StringComparison.Ordinal) ||
            file.StartsWith("StackExchange", StringComparison.Ordinal));
        Assert.DoesNotContain("PhysIntuition.Cluster.dll", plain.MappedFiles);
    }

    [Fact]
    public async Task Dashboard_AsksForWhatAServerTells()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await RunningServer.StartAsync("Cluster:Port=0", $"Cluster:Store={redis.Address}");
        await server.Stub.OpenSessionAsync(new V1.OpenSessionRequest { Durable = true });
        using var http = new HttpClient();
        var told = await http.GetStringAsync(new Uri(server.HttpAddress, "/metrics"));

        var asked = Regex.Matches(File.ReadAllText(Repository.At("packaging/grafana.json")), "physintuition_[a-z_]+")
            .Select(name => name.Value).ToHashSet();

        Assert.True(asked.Count > 10);
        Assert.DoesNotContain(asked, name => !told.Contains($"\n{name} ", StringComparison.Ordinal));
    }

    private static IGrainStorage StorageOf(RunningServer server) =>
        server.Services.GetRequiredKeyedService<IGrainStorage>(SessionServices.Storage);

    private static JournalRecord Record(long number) =>
        new() { Environment = 7, Number = number, Batch = Guid.NewGuid() };

    // Does all that it is asked; every second time, the first among them, it does not say so.
    private sealed class SilentStorage(IGrainStorage storage) : IGrainStorage
    {
        private int _asked;

        public Task ReadStateAsync<T>(string name, GrainId grain, IGrainState<T> state) =>
            OrSilentAsync(storage.ReadStateAsync(name, grain, state));

        public Task WriteStateAsync<T>(string name, GrainId grain, IGrainState<T> state) =>
            OrSilentAsync(storage.WriteStateAsync(name, grain, state));

        public Task ClearStateAsync<T>(string name, GrainId grain, IGrainState<T> state) =>
            OrSilentAsync(storage.ClearStateAsync(name, grain, state));

        private async Task OrSilentAsync(Task access)
        {
            var isSilent = _asked++ % 2 == 0;
            await access;
            if (isSilent)
            {
                await Task.Delay(Timeout.Infinite);
            }
        }
    }

    // Waits a hundredth of what it is told to.
    private sealed class FastTime : TimeProvider
    {
        public override ITimer CreateTimer(
            TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime / 100, period);
    }
}
