using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Benchmarks.Server;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>What a Gymnasium user has in Python: the engine in process beside a server, and both beside the engine
/// itself, for every task.</summary>
/// <remarks>Rounds of all loops alternate. In a vector environment half of the steps reset, so that a slot-step costs
/// half a scene: twice the engine's scenes per second are the most that there can be.</remarks>
internal sealed class EmbeddedArea : IArea
{
    private const int Rounds = 5, Singles = 400, Vectors = 20, VectorSlots = 64, TaskSlots = 256, TaskSteps = 4;
    private const string Here = "embedded", Task = "Offset-v1";

    /// <inheritdoc/>
    public string Name => "embedded";

    /// <inheritdoc/>
    public string Summary => "Python's environments in process, over gRPC, and beside the engine itself.";

    /// <inheritdoc/>
    public async Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        var root = Repository.RootOrNull ?? throw new SkippedException("this area runs inside a checkout.");
        var library = Path.Combine(root, "artifacts/embedded/libphysintuition.so");
        if (!File.Exists(library))
        {
            throw new SkippedException($"{library} is missing; ./physintuition setup embedded makes it.");
        }

        var folder = Directory.CreateTempSubdirectory("physintuition-bench-").FullName;
        try
        {
            var socket = Path.Combine(folder, "towers.sock");
            await using var server = await ServerProcess.StartAsync(0, 0, null, $"Listen:Socket={socket}");
            using var python = new Loops(root);
            figures.Add("library_mb", new FileInfo(library).Length / 1e6, "MB", Mark.AtMost(12));
            AddFirst(figures, python);
            AddLoops(figures, python, server.Address.Authority, $"unix:{socket}");
            AddPictures(figures, python);
            AddTasks(figures, python, server.Address.Authority, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AddFirst(Figures figures, Loops python)
    {
        double[] seconds = [.. Enumerable.Range(0, Rounds).Select(_ =>
            python.Seconds("first", Here, "Stability-v1", 1, "rgb", 224, "question", 1))];
        figures.AddMedian(
            "import_to_first_picture_ms", [.. seconds.Select(s => s * 1000)], "ms", Mark.AtMost(250));
    }

    private static void AddLoops(Figures figures, Loops python, string grpc, string socket)
    {
        string[] addresses = [Here, grpc, socket];
        string[] names = ["", "_grpc", "_unix"];
        var singles = Clock.Rounds(Rounds, Clock.WallSeconds, [.. addresses.Select(address => (Action)(() =>
            python.Seconds("single", address, Task, 1, "state", 64, "question", Singles)))]);
        var vectors = Clock.Rounds(Rounds, Clock.WallSeconds, [.. addresses.Select(address => (Action)(() =>
            python.Seconds("vector", address, Task, VectorSlots, "state", 64, "question", Vectors)))]);
        for (var i = 0; i < addresses.Length; i++)
        {
            figures.AddMedian($"python_single{names[i]}_steps_per_s", [.. singles[i].Select(s => 2 * Singles / s)],
                "1/s", Mark.AtLeast(i == 0 ? 20_000 : 2_500));
            figures.AddMedian($"python_vector{names[i]}_slot_steps_per_s",
                [.. vectors[i].Select(s => VectorSlots * Vectors / s)], "1/s",
                i == 0 ? Mark.AtLeast(1_000_000) : null);
        }

        figures.AddMedian("single_vs_grpc", Clock.Ratios(singles[1], singles[0]), "x");
        figures.AddMedian("single_unix_vs_grpc", Clock.Ratios(singles[1], singles[2]), "x");
    }

    // One environment with pictures against one thread that draws one picture at a time.
    private static void AddPictures(Figures figures, Loops python)
    {
        using var simulator = new BatchSimulator();
        var format = new FrameFormat(224, 224);
        var rgb = new byte[format.BytesOf(Channels.Rgb)];
        var batch = new EnvironmentBatch(
            TaskCatalog.Find(Task), new BatchOptions(), simulator, new CpuRenderer(threads: 1));
        batch.Reset(0UL);
        var seconds = Clock.Rounds(Rounds, Clock.WallSeconds,
            () => python.Seconds("single", Here, Task, 1, "rgb", 224, "question", 100),
            () => Repeat(200, () => batch.View.Render([0], format, new FrameBuffers { Rgb = rgb })));
        figures.AddMedian("python_single_pictures_per_s", [.. seconds[0].Select(s => 200 / s)], "1/s");
        figures.AddMedian(
            "pictures_vs_renderer", Clock.Ratios(seconds[1], seconds[0]), "x", Mark.AtLeast(0.8));
    }

    private static void AddTasks(Figures figures, Loops python, string grpc, CancellationToken cancellation)
    {
        using var simulator = new BatchSimulator();
        var (least, next) = (new Dictionary<string, double>(), 0UL);
        foreach (var task in TaskCatalog.All.Where(static task => task is not IPictureTask))
        {
            cancellation.ThrowIfCancellationRequested();
            var (id, batch) = (task.Spec.Id, new EnvironmentBatch(
                task, new BatchOptions { Slots = TaskSlots }, simulator, renderer: null));
            Action Vector(string address, string outcome) => () =>
                python.Seconds("vector", address, id, TaskSlots, "state", 64, outcome, 2 * TaskSteps);
            var seconds = Clock.Rounds(Rounds, Clock.WallSeconds,
                () => Repeat(TaskSteps, () => batch.Reset(next += TaskSlots)),
                Vector(Here, "question"), Vector(grpc, "question"), Vector(grpc, "settled"));
            string[] names = ["embedded", "vector", "vector_outcomes"];
            for (var i = 0; i < names.Length; i++)
            {
                var ratio = Statistics.Median(Clock.Ratios(seconds[0], seconds[i + 1]));
                figures.Add($"{names[i]}_vs_engine_{task.Spec.Name}", ratio, "x");
                least[names[i]] = Math.Min(ratio, least.GetValueOrDefault(names[i], double.PositiveInfinity));
            }
        }

        figures.Add("embedded_vs_engine_min", least["embedded"], "x", Mark.AtLeast(0.6));
        figures.Add("vector_vs_engine_min", least["vector"], "x", Mark.AtLeast(0.6));
        figures.Add("vector_outcomes_vs_engine_min", least["vector_outcomes"], "x", Mark.AtLeast(0.3));
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }

    /// <summary>clients/python/bench_embedded.py.</summary>
    private sealed class Loops : IDisposable
    {
        private readonly Process _process;

        public Loops(string root)
        {
            _process = Process.Start(
                new ProcessStartInfo("/usr/bin/python3", [Path.Combine(root, "clients/python/bench_embedded.py")])
                {
                    WorkingDirectory = Path.Combine(root, "clients/python"),
                    RedirectStandardInput = true,
                    RedirectStandardOutput = true,
                })!;
            Read();
        }

        public double Seconds(
            string kind, string address, string task, int slots, string names, int edge, string outcome, int steps)
        {
            _process.StandardInput.WriteLine($"{kind} {address} {task} {slots} {names} {edge} {outcome} {steps}");
            _process.StandardInput.Flush();
            return double.Parse(Read(), CultureInfo.InvariantCulture);
        }

        public void Dispose()
        {
            _process.StandardInput.Close();
            if (!_process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                _process.Kill(entireProcessTree: true);
            }

            _process.Dispose();
        }

        private string Read() => _process.StandardOutput.ReadLine()
            ?? throw new SkippedException("Python's loops ended; ./physintuition setup python has what they need.");
    }
}
