using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Storage;
using PhysIntuition.Server.Cluster;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;
using Stub = PhysIntuition.V1.EnvironmentService.EnvironmentServiceClient;

namespace PhysIntuition.Server.Tests;

/// <summary>Durable sessions answer as plain ones do, at any server, and outlive the one that holds them.</summary>
public sealed class DurableSessionTests
{
    private const int Rows = 3;

    [Fact]
    public async Task Calls_AtTheServersOfACluster_AreAnsweredAsThoseOfAPlainSession()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.Address);
        await using var second = await StartAsync(redis.Address);
        var durable = new Player(first.Stub, await OpenAsync(first.Stub));
        var plain = new Player(first.Stub, await first.OpenAsync());

        await durable.SameAsync(plain, player => player.OpenAsync());
        for (var round = 0; round < 12; round++)
        {
            durable.Stub = round % 2 == 0 ? second.Stub : first.Stub;
            await durable.SameAsync(plain, player => player.PlayAsync());
        }
    }

    [Fact]
    public async Task Session_WhoseServerStops_GoesOnAtAnother()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.Address);
        await using var second = await StartAsync(redis.Address);
        var session = await first.Stub.OpenSessionAsync(new OpenSessionRequest { Durable = true });
        var durable = new Player(first.Stub, RunningServer.Headers(session));
        var plain = new Player(second.Stub, await second.OpenAsync());

        await durable.SameAsync(plain, player => player.OpenAsync());
        for (var round = 0; round < 9; round++)
        {
            await durable.SameAsync(plain, player => player.PlayAsync());
        }

        await first.StopAsync().WaitAsync(RunningServer.Patience);
        durable.Stub = second.Stub;
        await durable.SameAsync(plain, player => player.RepeatAsync());
        var resumed = await second.Stub.OpenSessionAsync(
            new OpenSessionRequest { ResumeId = session.Id, ResumeToken = session.Token });
        Assert.Equal([1u, 3u, 4u], resumed.Environments.Select(environment => environment.Environment));
        for (var round = 0; round < 9; round++)
        {
            await durable.SameAsync(plain, player => player.PlayAsync());
        }
    }

    [Fact]
    public async Task Session_InPostgres_GoesOnAtAnotherServerToo()
    {
        var postgres = new PostgresServer();
        await postgres.InitializeAsync();
        try
        {
            Assert.Null(postgres.SkipReason);
            await using var first = await StartAsync(postgres.Address);
            await using var second = await StartAsync(postgres.Address);
            var durable = new Player(first.Stub, await OpenAsync(first.Stub));
            var plain = new Player(second.Stub, await second.OpenAsync());

            await durable.SameAsync(plain, player => player.OpenAsync());
            await durable.SameAsync(plain, player => player.PlayAsync());
            await first.StopAsync().WaitAsync(RunningServer.Patience);
            durable.Stub = second.Stub;
            await durable.SameAsync(plain, player => player.RepeatAsync());
            await durable.SameAsync(plain, player => player.PlayAsync());
        }
        finally
        {
            await postgres.DisposeAsync();
        }
    }

    [Fact]
    public async Task Session_WhoseServerIsKilled_GoesOnAtAnother()
    {
        using var redis = await RedisServer.StartAsync();
        string[] cluster = [$"Cluster:Store={redis.Address}", "Cluster:Port=0"];
        await using var first = new ServerProcess(cluster);
        await using var second = new ServerProcess(cluster);
        await Task.WhenAll(first.StartAsync(), second.StartAsync());
        await using var alone = await RunningServer.StartAsync();
        using var firstChannel = GrpcChannel.ForAddress(first.Address);
        using var secondChannel = GrpcChannel.ForAddress(second.Address);
        var durable = new Player(new Stub(firstChannel), await OpenAsync(new Stub(firstChannel)));
        var plain = new Player(alone.Stub, await alone.OpenAsync());

        await durable.SameAsync(plain, player => player.OpenAsync());
        await durable.SameAsync(plain, player => player.PlayAsync());
        await first.KillAsync();
        durable.Stub = new Stub(secondChannel);
        await durable.SameAsync(plain, player => player.RepeatAsync());
        await durable.SameAsync(plain, player => player.PlayAsync());
    }

    [Fact]
    public async Task Session_ThatWakes_RepeatsItsCallsInOneTurnOfTheScheduler()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.Address, "Cluster:SnapshotEvery=64");
        await using var second = await StartAsync(redis.Address, "Cluster:SnapshotEvery=64");
        var (durable, plain) = (await OpenAsync(first.Stub), await second.OpenAsync());
        await RunAsync(first.Stub, durable);
        await RunAsync(second.Stub, plain);

        await first.StopAsync().WaitAsync(RunningServer.Patience);
        var before = await second.ReadMetricAsync("physintuition_call_time_seconds_count");
        var replies = new[] { durable, plain }.Select(headers =>
            second.Stub.StepAsync(Given.Step(1, Rows, stepId: 61), headers).ResponseAsync);

        Assert.Single((await Task.WhenAll(replies).WaitAsync(RunningServer.Patience)).Distinct());
        // The 60 calls, and a step each.
        Assert.Equal(3, await second.ReadMetricAsync("physintuition_call_time_seconds_count") - before);
    }

    [Fact]
    public async Task Resets_WithoutASeed_AreTheSameEpisodesAfterTheServerStopped()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.Address);
        await using var second = await StartAsync(redis.Address);
        var headers = await OpenAsync(first.Stub);
        await first.Stub.CreateAsync(Given.Create(Rows, "seed"), headers);
        var before = await first.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1 }, headers);

        await first.StopAsync().WaitAsync(RunningServer.Patience);
        var again = await second.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1 }, headers);
        var next = await second.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 2 }, headers);

        Assert.Equal(before, again);
        Assert.NotEqual(Given.Hashes(before.Observations, "seed"), Given.Hashes(next.Observations, "seed"));
    }

    [Fact]
    public async Task Session_ThatComesToAnotherStateWhenItWakes_IsRefused()
    {
        using var redis = await RedisServer.StartAsync();
        await using var first = await StartAsync(redis.Address);
        await using var second = await StartAsync(redis.Address);
        var headers = await OpenAsync(first.Stub);
        await first.Stub.CreateAsync(Given.Create(Rows), headers);
        await first.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 1 }, headers);
        await first.StopAsync().WaitAsync(RunningServer.Patience);

        // As if the second server computed something else.
        var store = StoreOf(second, headers);
        var record = new StoredRecord<JournalRecord>("0/1");
        var content = await store.ReadAsync(record);
        content!.Hash++;
        await store.WriteAsync(record, content);

        var step = Given.Step(1, Rows, stepId: 2);
        var refusal = await Given.RefusalAsync(second.Stub.StepAsync(step, headers));

        Assert.Equal((StatusCode.Unavailable, "DIVERGED"), (refusal.Code, refusal.Error.Reason));
    }

    [Fact]
    public async Task Refusal_AtAServerThatOthersHaveGivenUp_SaysWhatTheyHaveDoneSince()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var (behind, ahead) = (await OpenAsync(server.Stub), await OpenAsync(server.Stub));
        Assert.Equal("UNKNOWN_ENVIRONMENT", await ReasonAsync(server, behind));
        await server.Stub.CreateAsync(Given.Create(Rows), ahead);

        // As if the other server had opened the environment while this one was cut off.
        var opened = await StoreOf(server, ahead).ReadAsync(new StoredRecord<SessionRecord>("session"));
        var record = new StoredRecord<SessionRecord>("session");
        var content = await StoreOf(server, behind).ReadAsync(record);
        (content!.Environments, content.LastEnvironment, content.Journals) = (opened!.Environments, 1, 1);
        await StoreOf(server, behind).WriteAsync(record, content);

        Assert.Equal(await ReasonAsync(server, ahead), await ReasonAsync(server, behind));
        var resumed = await server.Stub.OpenSessionAsync(new OpenSessionRequest
        {
            ResumeId = behind.GetValue(SessionKey.IdHeader)!, ResumeToken = behind.GetValue(SessionKey.TokenHeader)!,
        });
        Assert.Single(resumed.Environments);
    }

    [Fact]
    public async Task Step_AtAServerThatOthersHaveGivenUp_DoesNotReopenWhatTheyClosed()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var (behind, ahead) = (await OpenAsync(server.Stub), await OpenAsync(server.Stub));
        foreach (var headers in (Metadata[])[behind, ahead])
        {
            await server.Stub.CreateAsync(Given.Create(Rows), headers);
            await server.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 5 }, headers);
        }

        await server.Stub.CloseAsync(new CloseRequest { Environment = 1 }, ahead);

        // As if the other server had closed it while this one was cut off.
        foreach (var place in Enumerable.Range(0, Journal.Capacity).Except([1]))
        {
            var name = $"0/{place}";
            if (await StoreOf(server, ahead).ReadAsync(new StoredRecord<JournalRecord>(name)) is { } record)
            {
                await StoreOf(server, behind).WriteAsync(new StoredRecord<JournalRecord>(name), record);
            }
        }

        var session = new StoredRecord<SessionRecord>("session");
        var content = await StoreOf(server, behind).ReadAsync(session);
        content!.Environments.Clear();
        await StoreOf(server, behind).WriteAsync(session, content);

        foreach (var headers in (Metadata[])[ahead, behind])
        {
            var refused = await Given.RefusalAsync(server.Stub.StepAsync(Given.Step(1, Rows, stepId: 2), headers));
            Assert.Equal("ENVIRONMENT_CLOSED", refused.Error.Reason);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Picture_AtAServerThatOthersHaveGivenUp_ShowsWhatTheyHaveDoneSince(bool isOfAFork)
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var (behind, ahead) = (await OpenAsync(server.Stub), await OpenAsync(server.Stub));
        foreach (var headers in (Metadata[])[behind, ahead])
        {
            await server.Stub.CreateAsync(Given.Create(Rows), headers);
            await ResetAsync(headers, number: 1);
        }

        await ResetAsync(ahead, number: 2);

        // As if the other server had answered the second reset while this one was cut off.
        const string second = "0/2";
        var content = await StoreOf(server, ahead).ReadAsync(new StoredRecord<JournalRecord>(second));
        await StoreOf(server, behind).WriteAsync(new StoredRecord<JournalRecord>(second), content!);

        Assert.Equal(await RenderAsync(ahead), await RenderAsync(behind));

        async Task ResetAsync(Metadata headers, ulong number) => await server.Stub.ResetAsync(
            new ResetRequest { Environment = 1, StepId = number, Seed = 10 * number }, headers);
        async Task<RenderReply> RenderAsync(Metadata headers)
        {
            var environment = !isOfAFork
                ? 1
                : (await server.Stub.ForkAsync(new ForkRequest { Environment = 1 }, headers)).Environment.Environment;
            return await server.Stub.RenderAsync(new RenderRequest { Environment = environment }, headers);
        }
    }

    [Fact]
    public async Task Stream_OfADurableSession_AnswersInOrder()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var (durable, plain) = (await OpenAsync(server.Stub), await server.OpenAsync());

        var replies = await Task.WhenAll(RunAsync(server.Stub, durable), RunAsync(server.Stub, plain));

        Assert.Equal(replies[1], replies[0]);
    }

    [Fact]
    public async Task Call_WhileTheStoreIsAway_WaitsForIt()
    {
        using var redis = await RedisServer.StartAsync(keeps: true);
        await using var server = await StartAsync(redis.Address);
        var durable = new Player(server.Stub, await OpenAsync(server.Stub));
        var plain = new Player(server.Stub, await server.OpenAsync());
        await durable.SameAsync(plain, player => player.OpenAsync());

        await redis.KillAsync();
        var playing = durable.PlayAsync();
        await redis.StartAsync();

        Assert.Equal(await plain.PlayAsync(), await playing.WaitAsync(RunningServer.Patience));
        await durable.SameAsync(plain, player => player.PlayAsync());
    }

    [Fact]
    public async Task Call_ThatIsAskedAgainWhileItIsUnderWay_IsCarriedOutOnce()
    {
        using var redis = await RedisServer.StartAsync(keeps: true);
        await using var server = await StartAsync(redis.Address);
        var headers = await OpenAsync(server.Stub);
        await server.Stub.CreateAsync(Given.Create(Rows), headers);
        var grain = server.Services.GetRequiredService<IGrainFactory>()
            .GetGrain<ISessionGrain>(headers.GetValue(SessionKey.IdHeader)!);
        var (token, batch) = (headers.GetValue(SessionKey.TokenHeader)!, Guid.NewGuid());
        var reset = new RunRequest { Reset = new ResetRequest { Environment = 1, Seed = 1 } };
        var before = await server.ReadMetricAsync("physintuition_durable_calls_total");

        await redis.KillAsync();   // no call ends while it is away
        var attempts = new[] { AskAsync(), AskAsync() };
        await redis.StartAsync();
        var replies = await Task.WhenAll(attempts).WaitAsync(RunningServer.Patience);

        Assert.Equal(replies[0].Value, replies[1].Value);
        Assert.Equal(RunReply.ResultOneofCase.Reset, RunReply.Parser.ParseFrom(replies[0].Value[0]).ResultCase);
        Assert.Equal(before + 1, await server.ReadMetricAsync("physintuition_durable_calls_total"));

        Task<Immutable<byte[][]>> AskAsync() => grain.CallAsync(token, batch, new([reset.ToByteArray()]));
    }

    [Fact]
    public async Task Call_WhileTheStoreStaysAway_IsToldThatNothingWasAcknowledged()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server =
            await StartAsync(redis.Address, "Cluster:Patience=00:00:01", "Listen:DrainTime=00:00:03");
        var headers = await OpenAsync(server.Stub);
        await server.Stub.CreateAsync(Given.Create(Rows), headers);
        await redis.KillAsync();

        var refusal = await Given.RefusalAsync(
            server.Stub.ResetAsync(new ResetRequest { Environment = 1, StepId = 1, Seed = 1 }, headers));

        Assert.Equal((StatusCode.Unavailable, "STORE_UNREACHABLE"), (refusal.Code, refusal.Error.Reason));
        Assert.Contains("Nothing was acknowledged", refusal.Error.Message);
        await server.StopAsync().WaitAsync(RunningServer.Patience);   // without waiting for the store
    }

    [Fact]
    public async Task Session_ThatIsClosedUnknownOrSomebodyElses_IsRefused()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var headers = await OpenAsync(server.Stub);
        await server.Stub.CloseSessionAsync(new CloseSessionRequest(), headers);
        await server.Stub.CloseSessionAsync(new CloseSessionRequest(), headers);
        Assert.Equal("SESSION_CLOSED", await ReasonAsync(server, headers));

        var other = await OpenAsync(server.Stub);
        Assert.Equal("UNKNOWN_SESSION", await ReasonAsync(server, new Metadata
        {
            { SessionKey.IdHeader, SessionKey.NewId() }, { SessionKey.TokenHeader, DurableKey.NewToken() },
        }));
        Assert.Equal("NOT_AUTHENTICATED", await ReasonAsync(server, new Metadata
        {
            { SessionKey.IdHeader, other.GetValue(SessionKey.IdHeader)! },
            { SessionKey.TokenHeader, DurableKey.NewToken() },
        }));
        Assert.Equal("UNKNOWN_ENVIRONMENT", await ReasonAsync(server, other));
    }

    [Fact]
    public async Task Lease_WithoutARequest_EndsTheSession()
    {
        using var redis = await RedisServer.StartAsync();
        await using var server = await StartAsync(redis.Address);
        var quota = server.Services.GetRequiredService<Quota>();
        var session = await server.Stub.OpenSessionAsync(new OpenSessionRequest { Durable = true, LeaseSeconds = 1 });

        await Given.SoonAsync(() => quota.Sessions == 0);

        Assert.Equal("SESSION_EXPIRED", await ReasonAsync(server, RunningServer.Headers(session)));
    }

    private static Task<RunningServer> StartAsync(string store, params string[] settings) => RunningServer.StartAsync(
        time: null,
        ["Cluster:Port=0", $"Cluster:Store={store}", "Cluster:SnapshotEvery=5", .. settings]);

    private static async Task<Metadata> OpenAsync(Stub stub) =>
        RunningServer.Headers(await stub.OpenSessionAsync(new OpenSessionRequest { Durable = true }));

    private static RecordStore StoreOf(RunningServer server, Metadata headers) => new(
        server.Services.GetRequiredKeyedService<IGrainStorage>(SessionServices.Storage),
        GrainId.Create("session", headers.GetValue(SessionKey.IdHeader)!), RunningServer.Patience,
        TimeProvider.System);

    private static async Task<string> ReasonAsync(RunningServer server, Metadata headers) =>
        (await Given.RefusalAsync(server.Stub.StepAsync(Given.Step(1, Rows, stepId: 1), headers))).Error.Reason;

    private static async Task<List<RunReply>> RunAsync(Stub stub, Metadata headers)
    {
        using var patience = new CancellationTokenSource(RunningServer.Patience);
        var create = Given.Create(Rows, "seed", "outcome_hash");
        create.ReplayWindow = 64;
        await stub.CreateAsync(create, headers);
        using var stream = stub.Run(headers, cancellationToken: patience.Token);
        await stream.RequestStream.WriteAsync(new RunRequest
        {
            RequestId = 1,
            Reset = new ResetRequest { Environment = 1, StepId = 1, Seed = 1 },
        });
        for (var number = 2ul; number <= 60; number++)
        {
            await stream.RequestStream.WriteAsync(new RunRequest
            {
                RequestId = number,
                Step = Given.Step(1, Rows, number),
            });
        }

        await stream.RequestStream.CompleteAsync();
        var replies = new List<RunReply>();
        await foreach (var reply in stream.ResponseStream.ReadAllAsync(patience.Token))
        {
            replies.Add(reply);
        }

        return replies;
    }

    /// <summary>Plays environments of one session; two that play alike are answered alike.</summary>
    private sealed class Player(Stub stub, Metadata headers)
    {
        private ulong _number;

        public Stub Stub { get; set; } = stub;

        /// <summary>Two environments that stay and one that goes; a slot has its own options, and waits.</summary>
        public async Task<List<IMessage>> OpenAsync()
        {
            var create = Given.Create(Rows, "seed", "outcome_hash", "rgb");
            (create.Autoreset, create.ReplayWindow, create.CreateId) = (AutoresetMode.SameStep, 3, 77);
            (create.Observe.Width, create.Observe.Height) = (16, 16);
            var replies = new List<IMessage> { await Stub.CreateAsync(create, headers) };
            var reset = new ResetRequest { Environment = 1, StepId = ++_number, Seed = 5 };
            replies.Add(await Stub.ResetAsync(reset, headers));
            for (var i = 0; i < 2; i++)
            {
                replies.Add(await Stub.ForkAsync(new ForkRequest { Environment = 1 }, headers));
            }

            replies.Add(await Stub.CloseAsync(new CloseRequest { Environment = 2 }, headers));
            create.CreateId++;
            create.SlotOptionsJson.Add(["", "", """{"reward":"physical"}"""]);
            replies.Add(await Stub.CreateAsync(create, headers));
            replies.Add(await Stub.ResetAsync(
                new ResetRequest { Environment = 4, Seed = 6, Mask = ByteString.CopyFrom(1, 1, 0) }, headers));
            return replies;
        }

        /// <summary>Numbered and unnumbered steps, a refusal, pictures, a snapshot that is restored.</summary>
        public async Task<List<IMessage>> PlayAsync()
        {
            var snapshot = await Stub.SnapshotAsync(new SnapshotRequest { Environment = 3 }, headers);
            return
            [
                await Stub.StepAsync(Given.Step(1, Rows, ++_number), headers),
                await Stub.StepAsync(Given.Step(3, Rows), headers),
                (await Given.RefusalAsync(Stub.StepAsync(Given.Step(1, Rows + 1), headers))).Error,
                await Stub.RenderAsync(new RenderRequest { Environment = 1 }, headers),
                await Stub.RestoreAsync(new RestoreRequest { Environment = 3, Snapshot = snapshot.Snapshot }, headers),
                await Stub.StepAsync(Given.Step(3, Rows), headers),
                await Stub.ResetAsync(new ResetRequest { Environment = 3 }, headers),
            ];
        }

        /// <summary>The replies that the replay window keeps, and the first episode of a slot that waited.</summary>
        public async Task<List<IMessage>> RepeatAsync()
        {
            var waiting = new ResetRequest { Environment = 4, Seed = 7, Mask = ByteString.CopyFrom(0, 0, 1) };
            var replies = new List<IMessage>
            {
                await Stub.ResetAsync(waiting, headers),
                await Stub.StepAsync(Given.Step(4, Rows), headers),
            };
            for (var number = Math.Max(2, _number - 2); number <= _number; number++)
            {
                replies.Add(await Stub.StepAsync(Given.Step(1, Rows, number), headers));
            }

            return replies;
        }

        /// <summary>Does the same as another player, and is answered the same.</summary>
        public async Task SameAsync(Player other, Func<Player, Task<List<IMessage>>> play)
        {
            var expected = await play(other).WaitAsync(RunningServer.Patience);
            Assert.Equal(expected, await play(this).WaitAsync(RunningServer.Patience));
        }
    }
}
