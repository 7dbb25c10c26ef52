using System.CommandLine;
using System.Diagnostics;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Client;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.TestKit;
using V1 = PhysIntuition.V1;

namespace PhysIntuition.Benchmarks.Server;

/// <summary>The server as its users meet it: client and server on the same cores, over real HTTP/2.</summary>
internal sealed class ServerArea : IArea
{
    private const int Rounds = 5, InFlight = 32;
    private const int WarmingRounds = 48;   // 100,000 calls: by then both programs' hot methods are compiled for good
    private const int StreamSlots = 4096, StreamEnvironments = 16;
    private const int PictureSlots = 64, PictureCalls = 12, PicturesInFlight = 2, Edge = 224;
    private const int WarmingPictureRounds = 6;

    private static readonly Option<string> s_only = new("--only")
    {
        Description = "Only what is called so.",
        DefaultValueFactory = _ => "",
    };

    /// <inheritdoc/>
    public string Name => "server";

    /// <inheritdoc/>
    public string Summary => "The server over gRPC and shared memory: calls, slot-steps, pictures, bytes allocated.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        s_only.AcceptOnlyFromAmong(
            "unary", "stream", "pictures", "durable_unary", "durable_stream", "idle_sessions");
        command.Options.Add(s_only);
    }

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        await using var server = await ServerProcess.StartNewAsync();
        (string Name, Func<Task> MeasureAsync)[] parts =
        [
            ("unary", () => MeasureUnaryAsync(server, figures)),
            ("stream", () => MeasureStreamAsync(server, figures)),
            ("pictures", () => MeasurePicturesAsync(server, figures)),
            ("durable_unary", () => DurableFigures.MeasureUnaryAsync(figures)),
            ("durable_stream", () => DurableFigures.MeasureStreamAsync(figures)),
            ("idle_sessions", () => IdleFigures.MeasureAsync(figures)),
        ];
        var only = arguments.GetValue(s_only)!;
        foreach (var (_, measureAsync) in parts.Where(part => only.Length == 0 || part.Name == only))
        {
            await measureAsync();
        }
    }

    private static async Task MeasureUnaryAsync(ServerProcess server, Figures figures)
    {
        using var steps = new UnarySteps(server.Address);
        await steps.OpenAsync();
        var (rates, slowest) = (new List<double>(), new List<double>());
        var (serverCost, clientCost) = (new Cost(), new Cost());
        await steps.RunAsync(InFlight, rounds: WarmingRounds);
        for (var round = 0; round < Rounds; round++)
        {
            var (before, own) = (await CostOfAsync(server), CostOfThis());
            var (rate, seconds) = await steps.RunAsync(InFlight, rounds: 8);
            clientCost.Add(own, CostOfThis(), seconds.Length);
            serverCost.Add(before, await CostOfAsync(server), seconds.Length);
            rates.Add(rate);
            slowest.Add(Statistics.Quantile(seconds, 0.99) * 1e3);
        }

        var alone = await steps.RunAsync(inFlight: 1, rounds: 40);
        figures.AddMedian("unary_calls_per_s", rates, "calls/s", Mark.AtLeast(15_000));
        figures.AddMedian("unary_p99_ms", slowest, "ms", Mark.AtMost(6));
        figures.Add("unary_single_p50_ms", Statistics.Median(alone.Seconds) * 1e3, "ms", Mark.AtMost(0.3));
        serverCost.Report(figures, "unary_server");
        clientCost.Report(figures, "unary_client");
    }

    private static async Task<(TimeSpan Cpu, double Bytes)> CostOfAsync(ServerProcess server) =>
        (server.CpuTime, await server.AllocatedAsync());

    private static (TimeSpan Cpu, double Bytes) CostOfThis() =>
        (Environment.CpuUsage.TotalTime, GC.GetTotalAllocatedBytes());

    // Forks of one environment are stepped once, so that nothing is simulated and nothing is reset in between.
    private static async Task MeasureStreamAsync(ServerProcess server, Figures figures)
    {
        await using var client = await ConnectAsync(server);
        await using var origin = await client.CreateAsync(new EnvironmentSettings("Offset-v1")
        {
            Slots = StreamSlots,
            Autoreset = V1.AutoresetMode.Disabled,
        });
        await origin.ResetAsync(0);
        var actions = Enumerable.Range(0, StreamSlots).SelectMany(_ => new float[] { -40, 260 }).ToArray();
        var (rates, bytes) = (new List<double>(), new List<double>());
        for (var round = -1; round < Rounds; round++)
        {
            var forks = new List<IEnvironment>();
            for (var i = 0; i < StreamEnvironments - 1; i++)
            {
                forks.Add(await origin.ForkAsync());
            }

            var allocated = await server.AllocatedAsync();
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(forks.Select(fork => fork.StepAsync(actions).AsTask()));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (round >= 0)
            {
                var slotSteps = (double)forks.Count * StreamSlots;
                rates.Add(slotSteps / seconds);
                bytes.Add((await server.AllocatedAsync() - allocated) / slotSteps);
            }

            foreach (var fork in forks)
            {
                await fork.DisposeAsync();
            }
        }

        figures.AddMedian("stream_slot_steps_per_s", rates, "slot-steps/s", Mark.AtLeast(300_000));
        figures.AddMedian("alloc_bytes_per_slot_step", bytes, "B", Mark.AtMost(200));
    }

    private static async Task MeasurePicturesAsync(ServerProcess server, Figures figures)
    {
        await using var client = await ConnectAsync(server);
        var settings = new EnvironmentSettings("Offset-v1") { Slots = PictureSlots, Observe = new Observe("rgb") };
        await using var shared = await client.CreateAsync(settings);
        await using var streamed = await client.CreateAsync(settings with { SharedBuffers = 0 });
        await shared.ResetAsync(0);
        await streamed.ResetAsync(0);
        var (own, throughMemory, throughStream) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = -WarmingPictureRounds; round < Rounds; round++)
        {
            var rates = (DrawHere(), await PictureRateAsync(shared), await PictureRateAsync(streamed));
            if (round >= 0)
            {
                own.Add(rates.Item1);
                throughMemory.Add(rates.Item2);
                throughStream.Add(rates.Item3);
            }
        }

        figures.AddMedian("renderer_pictures_per_s", own, "pictures/s");
        figures.AddMedian("shm_pictures_per_s", throughMemory, "pictures/s");
        figures.AddMedian("grpc_pictures_per_s", throughStream, "pictures/s");
        figures.AddMedian(
            "shm_vs_renderer", [.. throughMemory.Zip(own, (rate, of) => rate / of)], "x", Mark.AtLeast(0.6));
        figures.AddMedian(
            "grpc_vs_renderer", [.. throughStream.Zip(own, (rate, of) => rate / of)], "x", Mark.AtLeast(0.4));
    }

    // One reply is drawn while the other travels, as for a client that plays the halves of its slots in turn.
    private static async Task<double> PictureRateAsync(IEnvironment environment)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, PicturesInFlight).Select(_ => RenderAsync(environment)));
        return PictureCalls * PictureSlots / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task RenderAsync(IEnvironment environment)
    {
        for (var call = 0; call < PictureCalls / PicturesInFlight; call++)
        {
            var pictures = await environment.RenderAsync();
            if (pictures["rgb"].Bytes.Length != PictureSlots * Edge * Edge * 3)
            {
                throw new InvalidDataException("The pictures are not all there.");
            }
        }
    }

    private static double DrawHere()
    {
        using var simulator = new BatchSimulator();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find("Offset-v1"), new BatchOptions { Slots = PictureSlots }, simulator, new CpuRenderer());
        batch.Reset(0);
        var pixels = new byte[PictureSlots * Edge * Edge * 3];
        int[] slots = [.. Enumerable.Range(0, PictureSlots)];
        var start = Stopwatch.GetTimestamp();
        for (var call = 0; call < PictureCalls; call++)
        {
            batch.View.Render(slots, new FrameFormat(Edge, Edge), new FrameBuffers { Rgb = pixels });
        }

        return PictureCalls * PictureSlots / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static Task<PhysIntuitionClient> ConnectAsync(ServerProcess server) =>
        PhysIntuitionClient.ConnectAsync(new ClientOptions { Address = server.Address });

    /// <summary>What calls cost one side, which other programs of the machine hardly change.</summary>
    private sealed class Cost
    {
        private readonly List<double> _microseconds = [];
        private readonly List<double> _bytes = [];

        public void Add((TimeSpan Cpu, double Bytes) before, (TimeSpan Cpu, double Bytes) after, int calls)
        {
            _microseconds.Add((after.Cpu - before.Cpu).TotalMicroseconds / calls);
            _bytes.Add((after.Bytes - before.Bytes) / calls);
        }

        public void Report(Figures figures, string side)
        {
            figures.AddMedian($"{side}_cpu_us", _microseconds, "us");
            figures.AddMedian($"{side}_bytes", _bytes, "B");
        }
    }
}
