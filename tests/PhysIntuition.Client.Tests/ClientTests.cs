using System.Diagnostics.Tracing;
using System.Globalization;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using PhysIntuition.Server.Sessions;
using PhysIntuition.Server.Tests;
using PhysIntuition.V1;

namespace PhysIntuition.Client.Tests;

/// <summary>The C# client against the real server.</summary>
public sealed class ClientTests
{
    private const string OffsetTask = "Offset-v1";

    private static readonly EnvironmentSettings s_settings = new(OffsetTask)
    {
        Slots = 4,
        Autoreset = AutoresetMode.SameStep,
        Observe = new Observe("rgb", "seed", "expert") { Width = 32, Height = 24 },
    };

    [Fact]
    public async Task Episode_AnsweredAsTheExpertDoes_PaysTheBestInEverySlot()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);
        await using var environment = await client.CreateAsync(s_settings);

        var reset = await environment.ResetAsync(5);
        var step = await environment.StepAsync(reset.Observations["expert"].Texts);

        Assert.Equal([5ul, 6ul, 7ul, 8ul], reset.Observations["seed"].As<ulong>());
        Assert.Equal([4, 24, 32, 3], reset.Observations["rgb"].Shape);
        Assert.True(step.Terminated.IndexOf(false) < 0);
        foreach (var reward in step.Rewards)
        {
            Assert.Equal(10f, reward, tolerance: 0.02f);
        }

        Assert.Equal([5ul, 6ul, 7ul, 8ul], step.FinalObservations["seed"].As<ulong>());
    }

    [Fact]
    public async Task Session_OpenedByTheClient_IsNamedByIt()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);

        var session = Assert.Single(server.Services.GetRequiredService<SessionStore>().All);

        Assert.Matches("^[0-9a-f]{32}$", session.Id);
    }

    [Fact]
    public async Task SharedMemory_OnThisMachine_CarriesTheSamePicturesAsTheStream()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);
        await using var shared = await client.CreateAsync(s_settings);
        await using var streamed = await client.CreateAsync(s_settings with { SharedBuffers = 0 });

        Assert.NotNull(((RemoteEnvironment)shared).SharedFile);
        Assert.Null(((RemoteEnvironment)streamed).SharedFile);
        var (one, other) = (await shared.ResetAsync(1), await streamed.ResetAsync(1));
        for (var i = 0; i < 10; i++)
        {
            Assert.Equal(Pixels(other.Observations), Pixels(one.Observations));
            Assert.True(one.Observations["rgb"].Bytes.Span.ContainsAnyExcept((byte)0));
            one = await shared.ResetAsync();
            other = await streamed.ResetAsync();
        }
    }

    [Fact]
    public async Task SharedMemory_AfterClosing_LeavesNoFile()
    {
        await using var server = await RunningServer.StartAsync();
        string file;
        await using (var client = await ConnectAsync(server.Address))
        {
            await using var environment = await client.CreateAsync(s_settings);
            file = ((RemoteEnvironment)environment).SharedFile!;
            Assert.True(File.Exists(file));
        }

        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Calls_AcrossCutConnections_AreCarriedOutExactlyOnce()
    {
        const int steps = 60;
        await using var server = await RunningServer.StartAsync();
        await using var proxy = new CuttableProxy(server.Address);
        await using var steady = await ConnectAsync(server.Address);
        await using var shaken = await ConnectAsync(proxy.Address);
        var settings = s_settings with { Observe = new Observe("seed"), ReplayWindow = 8 };
        await using var expected = await steady.CreateAsync(settings);
        await using var actual = await shaken.CreateAsync(settings);
        await expected.ResetAsync(3);
        await actual.ResetAsync(3);

        var calls = new List<ValueTask<StepResult>>();
        var seeds = new List<ulong[]>();
        for (var i = 0; i < steps; i++)
        {
            calls.Add(actual.StepAsync(Answers()));
            if (i % 10 == 5)
            {
                proxy.Cut();
            }

            if (calls.Count == 8)
            {
                await CollectAsync(calls, seeds);
            }
        }

        await CollectAsync(calls, seeds);

        // Same-step autoreset draws a new seed with every step: one lost or doubled would shift all that follow.
        for (var i = 0; i < steps; i++)
        {
            var step = await expected.StepAsync(Answers());
            Assert.Equal(step.Observations["seed"].As<ulong>().ToArray(), seeds[i]);
        }
    }

    [Fact]
    public async Task Step_ThatIsRefused_LeavesTheEnvironmentUsable()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);
        await using var environment = await client.CreateAsync(s_settings);
        await environment.ResetAsync(1);

        var refusal = await Assert.ThrowsAsync<EnvironmentException>(
            async () => await environment.StepAsync(new float[3]));
        var step = await environment.StepAsync(Answers());

        Assert.Equal((StatusCode.InvalidArgument, "WRONG_LENGTH", "numbers"),
            (refusal.Code, refusal.Reason, refusal.Field));
        Assert.Equal(4, step.Rewards.Length);
    }

    [Fact]
    public async Task Session_LostWithItsServer_FailsWithAReason()
    {
        var server = await RunningServer.StartAsync();
        await using var proxy = new CuttableProxy(server.Address);
        await using var client = await ConnectAsync(proxy.Address, reconnectFor: TimeSpan.Zero);
        await using var environment = await client.CreateAsync(s_settings with { SharedBuffers = 0 });
        await server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<EnvironmentException>(
            async () => await environment.ResetAsync(1).AsTask().WaitAsync(RunningServer.Patience));

        Assert.Equal(StatusCode.Unavailable, failure.Code);
    }

    [Fact]
    public async Task Connection_ToAServerThatIsDown_IsTriedEverySecond()
    {
        var server = await RunningServer.StartAsync();
        using var attempts = new ConnectAttempts(server.Address.Port);
        await using var client = await ConnectAsync(server.Address);
        await server.DisposeAsync();

        // gRPC's own pauses grow by 1.6 from a second on: the ninth attempt would come after 40 s.
        await attempts.WaitAsync(9, TimeSpan.FromSeconds(25));
    }

    [Fact]
    public async Task Connect_WhereNobodyListens_FailsWithUnavailable()
    {
        var failure = await Assert.ThrowsAsync<EnvironmentException>(() => ConnectAsync(new Uri("http://127.0.0.1:1")));

        Assert.Equal(StatusCode.Unavailable, failure.Code);
    }

    [Fact]
    public async Task Score_AndDataset_AgreeOnTheExpert()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);
        var (seeds, experts) = (new List<ulong>(), new List<string>());
        await foreach (var rows in client.StreamDatasetAsync(new DatasetSettings(OffsetTask, FirstSeed: 20, Count: 6)
        {
            Observe = new Observe("rgb", "expert") { Width = 16, Height = 16, Encoding = PictureEncoding.Png },
            ChunkRows = 4,
        }))
        {
            seeds.AddRange(rows.Seeds);
            experts.AddRange(rows.Columns["expert"].Texts);
            Assert.All(rows.Columns["rgb"].Files, file => Assert.Equal(0x89, file.Span[0]));
        }

        var score = await client.ScoreAsync(new ScoreSettings(OffsetTask, seeds) { Answers = experts });

        Assert.Equal(6, score.Rewards.Length);
        foreach (var reward in score.Rewards.Span)
        {
            Assert.Equal(10f, reward, tolerance: 0.02f);
        }
    }

    [Fact]
    public async Task Fork_AndSnapshot_GoOnFromTheSameState()
    {
        await using var server = await RunningServer.StartAsync();
        await using var client = await ConnectAsync(server.Address);
        await using var origin = await client.CreateAsync(s_settings with { Observe = new Observe("seed") });
        await origin.ResetAsync(9);
        var snapshot = await origin.SnapshotAsync();
        await using var fork = await origin.ForkAsync([3, 3]);

        var forked = await fork.StepAsync(Answers()[^4..]);
        var first = await origin.StepAsync(Answers());
        await origin.RestoreAsync(snapshot);
        var again = await origin.StepAsync(Answers());

        Assert.Equal(first.Observations["seed"].As<ulong>(), again.Observations["seed"].As<ulong>());
        Assert.Equal(first.Rewards[3], forked.Rewards[1]);
        Assert.Equal(first.Rewards, again.Rewards);
    }

    private static float[] Answers() => [-40, 260, -30, 260, -20, 260, -10, 260];

    private static async Task CollectAsync(List<ValueTask<StepResult>> calls, List<ulong[]> seeds)
    {
        foreach (var call in calls)
        {
            var step = await call.AsTask().WaitAsync(RunningServer.Patience);
            seeds.Add(step.Observations["seed"].As<ulong>().ToArray());
        }

        calls.Clear();
    }

    private static byte[] Pixels(Observations observations) => observations["rgb"].Bytes.ToArray();

    private static Task<PhysIntuitionClient> ConnectAsync(Uri address, TimeSpan? reconnectFor = null) =>
        PhysIntuitionClient.ConnectAsync(new ClientOptions
        {
            Address = address,
            ReconnectFor = reconnectFor ?? TimeSpan.FromSeconds(30),
        });
}

/// <summary>Counts how often this process tries to reach a port of this machine, refused or not.</summary>
internal sealed class ConnectAttempts(int port) : EventListener
{
    // The sockets' event source writes an address as its family, its length and its bytes, the port first.
    private readonly string _target = string.Create(CultureInfo.InvariantCulture, $"{{{port >> 8},{port & 255},");

    private readonly SemaphoreSlim _attempts = new(0);

    /// <summary>Waits for so many attempts.</summary>
    public async Task WaitAsync(int count, TimeSpan patience)
    {
        using var end = new CancellationTokenSource(patience);
        for (var attempt = 0; attempt < count; attempt++)
        {
            await _attempts.WaitAsync(end.Token);
        }
    }

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == "System.Net.Sockets")
        {
            EnableEvents(eventSource, EventLevel.Informational);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData is { EventName: "ConnectStart", Payload: [string address, ..] } &&
            address.Contains(_target, StringComparison.Ordinal))
        {
            _attempts.Release();
        }
    }
}
