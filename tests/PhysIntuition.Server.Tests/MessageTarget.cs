using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PhysIntuition.Faults;
using PhysIntuition.Server.Batches;
using PhysIntuition.Server.Services;
using PhysIntuition.Server.Sessions;
using PhysIntuition.V1;

namespace PhysIntuition.Server.Tests;

/// <summary>Every message of a session, through the server's own loop.</summary>
internal sealed class MessageTarget(IServiceProvider services) : IFuzzTarget
{
    private const int InputsPerSession = 500;   // then environments that fill up or end give way to new ones

    private readonly EnvironmentCalls _calls = services.GetRequiredService<EnvironmentCalls>();
    private readonly SessionStore _sessions = services.GetRequiredService<SessionStore>();
    private Session? _session;
    private int _inputs;

    public IReadOnlyList<byte[]> Seeds { get; } = [.. Requests().Select(request => request.ToByteArray())];

    public async Task FeedAsync(byte[] input)
    {
        RunRequest request;
        try
        {
            request = RunRequest.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException)
        {
            return;
        }

        if (_inputs++ % InputsPerSession == 0)
        {
            await OpenAsync();
        }

        var reply = await RunAsync(request);
        if (reply.Error is { Code: (uint)StatusCode.Internal } error)
        {
            throw new InvalidOperationException($"{request.CallCase}: {error.Message}");
        }
    }

    private static IEnumerable<RunRequest> Requests()
    {
        var create = Given.Create(2, "rgb", "prompt", "info", "state");
        (create.Observe.Width, create.Observe.Height, create.OptionsJson) = (32, 32, """{"blocks": 2}""");
        (create.ReplayWindow, create.SharedBuffers, create.Split) = (2, 2, "val");
        yield return new RunRequest { RequestId = 1, Create = create };
        yield return new RunRequest
        {
            Reset = new ResetRequest { Environment = 1, Seeds = { 5, 6 }, Mask = ByteString.CopyFrom(1, 1) },
        };
        yield return new RunRequest { Reset = new ResetRequest { Environment = 1, OptionsJson = { "{}" } } };
        yield return new RunRequest { Step = Given.Step(1, rows: 2) };
        yield return new RunRequest
        {
            Step = new StepRequest
            {
                Environment = 1,
                Texts = new TextActions { Answers = { "<answer>(-40, 260)</answer>", "none" } },
            },
        };
        yield return new RunRequest
        {
            Render = new RenderRequest
            {
                Environment = 1,
                Slots = { 1, 0 },
                Observe = new ObservationRequest { Names = { "depth" }, Width = 16, Height = 16, Quality = 50 },
            },
        };
        yield return new RunRequest { Snapshot = new SnapshotRequest { Environment = 1, Slots = { 0 } } };
        yield return new RunRequest
        {
            Restore = new RestoreRequest { Environment = 1, Sources = { 0, 0 }, Snapshot = ByteString.CopyFrom(1, 2) },
        };
        yield return new RunRequest { Fork = new ForkRequest { Environment = 1, Slots = { 0, 1, 1 } } };
        yield return new RunRequest { Close = new CloseRequest { Environment = 2 } };
        yield return new RunRequest
        {
            Score = new ScoreRequest
            {
                Task = Given.Task,
                Seeds = { 1 },
                Numbers = Given.Numbers(-40, 260),
                Observe = new ObservationRequest { Names = { "info" } },
            },
        };
    }

    private async Task OpenAsync()
    {
        if (_session is not null)
        {
            _sessions.Close(_session);
        }

        var caller = services.GetRequiredService<TokenStore>().Authenticate(null);
        (_session, _) = _sessions.Open(caller, "fuzz", lease: null);
        var create = Given.Create(2);
        create.Autoreset = AutoresetMode.SameStep;
        await RunAsync(new RunRequest { Create = create });
        await RunAsync(new RunRequest { Reset = new ResetRequest { Environment = 1, Seed = 1 } });
    }

    private async Task<RunReply> RunAsync(RunRequest request)
    {
        var replies = new Replies();
        var loop = new RunLoop(
            _calls.RunnerOf(new CallContext(_session!) { IsLocal = true }), _calls.Services.Quota.Limits,
            NullLogger.Instance, CancellationToken.None);
        await loop.RunAsync(new One(request), replies, CancellationToken.None).WaitAsync(RunningServer.Patience);
        return replies.Reply!;
    }

    /// <summary>A stream of one request.</summary>
    internal sealed class One(RunRequest request) : IAsyncStreamReader<RunRequest>
    {
        private int _left = 1;

        public RunRequest Current => request;

        public Task<bool> MoveNext(CancellationToken cancellationToken) => Task.FromResult(_left-- > 0);
    }

    /// <summary>Keeps the last reply; null: there was none.</summary>
    internal sealed class Replies : IServerStreamWriter<RunReply>
    {
        public RunReply? Reply { get; private set; }

        public WriteOptions? WriteOptions { get; set; }

        // Serialized as it would be on the wire: the reply may point into memory that is given back.
        public Task WriteAsync(RunReply message)
        {
            Reply = RunReply.Parser.ParseFrom(message.ToByteArray());
            return Task.CompletedTask;
        }
    }
}

/// <summary>Requests for datasets.</summary>
internal sealed class DatasetTarget(IServiceProvider services) : IFuzzTarget
{
    public IReadOnlyList<byte[]> Seeds { get; } =
    [
        new StreamDatasetRequest
        {
            Task = Given.Task,
            Count = 2,
            ChunkRows = 2,
            Split = "val",
            Observe = new ObservationRequest { Names = { "prompt", "expert" } },
        }.ToByteArray(),
        new StreamDatasetRequest { Task = "Stability-v1", Seeds = { 1, 2 }, OptionsJson = "{}" }.ToByteArray(),
    ];

    public async Task FeedAsync(byte[] input)
    {
        try
        {
            var request = StreamDatasetRequest.Parser.ParseFrom(input);
            var calls = services.GetRequiredService<EnvironmentCalls>();
            var stream = new DatasetStream(calls.Services, new Scheduling.WorkShare(), request, CancellationToken.None);
            await stream.RunAsync(_ => Task.CompletedTask).WaitAsync(RunningServer.Patience);
        }
        catch (Exception refusal) when (refusal is InvalidProtocolBufferException or PhysIntuitionException)
        {
            // Refused with a reason.
        }
    }
}
