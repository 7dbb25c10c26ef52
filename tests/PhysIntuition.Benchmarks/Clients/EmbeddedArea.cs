using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.TestKit;

namespace PhysIntuition.Benchmarks.Clients;

/// <summary>What a Gymnasium user has in Python: the engine in process beside a server, and both beside the engine
/// itself, for every task.</summary>
/// <remarks>Rounds of all loops alternate. With one answer to an episode half of a vector's steps reset.</remarks>
internal sealed class EmbeddedArea : IArea
{
    private const int Rounds = 5, Singles = 400, Vectors = 20, VectorSlots = 64, TaskSlots = 256;
    private const int FewestSteps = 8, MostSteps = 128;   // of a loop over one task
    private const double LoopSeconds = 0.02;              // of the engine at least, so that cold caches count little
    private const int WarmCalls = 3000;   // until the runtime has compiled the server's unary path for good
    private const string Here = "embedded", Task = "Offset-v1";

    /// <inheritdoc/>
    public string Name => "embedded";

    /// <inheritdoc/>
    public string Summary => "Python's environments in process, over gRPC, and beside the engine itself.";

    /// <inheritdoc/>
    public void Configure(Command command) => command.Options.Add(TaskChoice.Option);

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
            await using var server = await ServerProcess.StartNewAsync($"Listen:Socket={socket}");
            using var python = new PythonLoops(root);
            figures.Add("library_mb", new FileInfo(library).Length / 1e6, "MB", Mark.AtMost(12));
            var tasks = TaskChoice.Read(arguments);
            if (tasks.Length == 0)
            {
                AddFirst(figures, python);
                AddLoops(figures, python, server.Address.Authority, $"unix:{socket}");
                AddPictures(figures, python);
                tasks = TaskChoice.All;
            }

            AddTasks(figures, python, server.Address.Authority, tasks, cancellation);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void AddFirst(Figures figures, PythonLoops python)
    {
        double[] seconds = [.. Enumerable.Range(0, Rounds).Select(_ =>
            python.Seconds("first", Here, "Stability-v1", 1, "rgb", 224, "question", 1))];
        figures.AddMedian(
            "import_to_first_picture_ms", [.. seconds.Select(s => s * 1000)], "ms", Mark.AtMost(250));
    }

    private static void AddLoops(Figures figures, PythonLoops python, string grpc, string socket)
    {
        string[] addresses = [Here, grpc, socket];
        string[] names = ["", "_grpc", "_unix"];
        python.Seconds("single", grpc, Task, 1, "state", 64, "question", WarmCalls);
        var singles = Clock.Rounds(Rounds, Clock.WallSeconds, [.. addresses.Select(address => (Action)(() =>
            python.Seconds("single", address, Task, 1, "state", 64, "question", Singles)))]);
        using var simulator = new BatchSimulator();
        var batch = new EnvironmentBatch(
            TaskCatalog.Find(Task), new BatchOptions { Slots = VectorSlots }, simulator, renderer: null);
        var next = 0UL;
        void Arrange() => Repeat(Vectors / 2, () => batch.Reset(next += VectorSlots));
        var vectors = Clock.Rounds(Rounds, Clock.WallSeconds, [Arrange, .. addresses.Select(address => (Action)(() =>
            python.Seconds("vector", address, Task, VectorSlots, "state", 64, "question", Vectors)))]);
        for (var i = 0; i < addresses.Length; i++)
        {
            figures.AddMedian($"python_single{names[i]}_steps_per_s", [.. singles[i].Select(s => 2 * Singles / s)],
                "1/s", Mark.AtLeast(i == 0 ? 20_000 : 2_500));
            figures.AddMedian($"python_vector{names[i]}_slot_steps_per_s",
                [.. vectors[i + 1].Select(s => VectorSlots * Vectors / s)], "1/s",
                i == 0 ? Mark.AtLeast(1_000_000) : null);
            figures.AddMedian($"python_vector{names[i]}_vs_arranging", Clock.Ratios(vectors[0], vectors[i + 1]), "x");
        }

        figures.AddMedian("arranging_slot_steps_per_s", [.. vectors[0].Select(s => VectorSlots * Vectors / s)], "1/s");
        figures.AddMedian("single_vs_grpc", Clock.Ratios(singles[1], singles[0]), "x");
        figures.AddMedian("single_unix_vs_grpc", Clock.Ratios(singles[1], singles[2]), "x");
        AddGymnasium(figures, python);
    }

    // Gymnasium's own CartPole by the same loops, where Gymnasium or its sources are on Python's path.
    private static void AddGymnasium(Figures figures, PythonLoops python)
    {
        if (double.IsNaN(python.Seconds("cartpole", Here, Task, 1, "state", 64, "question", Singles)))
        {
            Console.Error.WriteLine("Left out CartPole: Python finds no Gymnasium.");
            return;
        }

        foreach (var (slots, name) in new[] { (1, "single_steps"), (VectorSlots, "vector_slot_steps") })
        {
            double[] seconds = [.. Enumerable.Range(0, Rounds).Select(_ =>
                python.Seconds("cartpole", Here, Task, slots, "state", 64, "question", Singles))];
            figures.AddMedian($"gymnasium_cartpole_{name}_per_s", [.. seconds.Select(s => slots * Singles / s)], "1/s");
        }
    }

    // One environment with pictures against one thread that draws one picture at a time.
    private static void AddPictures(Figures figures, PythonLoops python)
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

    // Every loop beside the engine doing the very same: steps, resets, states or pictures; and beside arranging alone,
    // which is all that a step and its reset cost where answers need no simulation.
    private static void AddTasks(
        Figures figures, PythonLoops python, string grpc, ITask[] tasks, CancellationToken cancellation)
    {
        using var simulator = new BatchSimulator();
        var least = new Dictionary<string, double>();
        foreach (var task in tasks)
        {
            cancellation.ThrowIfCancellationRequested();
            var engine = new EngineLoops(task, simulator);
            Action Vector(string address, string outcome) => () => python.Seconds(
                "vector", address, task.Spec.Id, TaskSlots, "state", 64, outcome,
                outcome == "question" ? engine.QuestionSteps : engine.SettledSteps);
            Action Pictures(string address, int edge) => () => python.Seconds(
                "vector", address, task.Spec.Id, VectorSlots, "rgb", edge, "question", FewestSteps);
            var seconds = Clock.Rounds(Rounds, Clock.WallSeconds,
                engine.Arrange, engine.Question, engine.Settled, () => engine.Pictures(64), () => engine.Pictures(224),
                Vector(Here, "question"), Vector(grpc, "question"), Vector(Here, "settled"), Vector(grpc, "settled"),
                Pictures(Here, 64), Pictures(grpc, 64), Pictures(Here, 224), Pictures(grpc, 224));
            void Add(string name, int of, int by)
            {
                var ratio = Statistics.Median(Clock.Ratios(seconds[of], seconds[by]));
                figures.Add($"{name}_{task.Spec.Name}", ratio, "x");
                least[name] = Math.Min(ratio, least.GetValueOrDefault(name, double.PositiveInfinity));
            }

            (string Name, int Of, int By)[] pairs =
            [
                ("embedded_vs_engine", 1, 5), ("vector_vs_engine", 1, 6), ("embedded_outcomes_vs_engine", 2, 7),
                ("vector_outcomes_vs_engine", 2, 8), ("embedded_pictures64_vs_engine", 3, 9),
                ("vector_pictures64_vs_engine", 3, 10), ("embedded_pictures224_vs_engine", 4, 11),
                ("vector_pictures224_vs_engine", 4, 12), ("vector_vs_arranging", 0, 6),
                ("vector_outcomes_vs_arranging", 0, 8), ("arranging_vs_engine", 0, 1),
                ("arranging_vs_engine_outcomes", 0, 2),
            ];
            Array.ForEach(pairs, pair => Add(pair.Name, pair.Of, pair.By));
            double[] cpu = [.. Enumerable.Range(0, Rounds).Select(_ => python.Seconds(
                "cpu", Here, task.Spec.Id, TaskSlots, "state", 64, "question", engine.QuestionSteps))];
            figures.AddMedian($"embedded_cpu_us_per_step_{task.Spec.Name}",
                [.. cpu.Select(s => s / engine.QuestionSteps * 1e6)], "us");
        }

        foreach (var (name, ratio) in least.Where(each => !each.Key.StartsWith("arranging", StringComparison.Ordinal)))
        {
            var mark = name.Contains("outcomes", StringComparison.Ordinal) ? 0.3
                : name.Contains("pictures", StringComparison.Ordinal) ? 0.5 : 0.6;
            figures.Add($"{name}_min", ratio, "x", Mark.AtLeast(mark));
        }
    }

    /// <summary>What the engine itself needs, in this process and without any message.</summary>
    private sealed class EngineLoops
    {
        private readonly EnvironmentBatch _question;
        private readonly EnvironmentBatch _settled;
        private readonly EnvironmentBatch _drawn;
        private readonly SlotAction[] _actions;
        private readonly float[] _state = new float[TaskSlots * StateLayout.Length];
        private readonly byte[] _rgb = new byte[VectorSlots * 224 * 224 * 3];
        private readonly int[] _all = [.. Enumerable.Range(0, TaskSlots)];
        private ulong _next;

        public EngineLoops(ITask task, BatchSimulator simulator)
        {
            EnvironmentBatch Open(int slots, TerminalView outcome, IRenderer? renderer)
            {
                var batch = new EnvironmentBatch(
                    task, new BatchOptions { Slots = slots, Outcome = outcome }, simulator, renderer);
                batch.Reset(0UL);
                return batch;
            }

            _question = Open(TaskSlots, TerminalView.Question, renderer: null);
            _settled = Open(TaskSlots, TerminalView.Settled, renderer: null);
            _drawn = Open(VectorSlots, TerminalView.Question, new CpuRenderer());
            var random = new RandomStream(0, 0);
            _actions = new SlotAction[TaskSlots];
            foreach (ref var action in _actions.AsSpan())
            {
                action = SlotAction.OfNumbers(Draw(task.Spec.Answer, ref random));
            }

            (QuestionSteps, SettledSteps) = (StepsOf(_question), StepsOf(_settled));
        }

        /// <summary>Steps of a loop that shows questions, half of which reset.</summary>
        public int QuestionSteps { get; }

        /// <summary>Steps of a loop that shows outcomes.</summary>
        public int SettledSteps { get; }

        public void Arrange() => Repeat(QuestionSteps / 2, () => _question.Reset(_next += TaskSlots));

        public void Question() => Watch(_question, QuestionSteps);

        public void Settled() => Watch(_settled, SettledSteps);

        public void Pictures(int edge)
        {
            var format = new FrameFormat(edge, edge);
            Step(_drawn, FewestSteps, batch => batch.View.Render(
                _all.AsSpan(0, VectorSlots), format, new FrameBuffers { Rgb = _rgb }));
        }

        private int StepsOf(EnvironmentBatch batch)
        {
            var steps = FewestSteps;
            while (steps < MostSteps && Clock.WallSeconds(() => Watch(batch, steps)) < LoopSeconds)
            {
                steps *= 2;
            }

            return steps;
        }

        private void Watch(EnvironmentBatch batch, int steps) =>
            Step(batch, steps, each => each.View.State(_all, _state));

        private void Step(EnvironmentBatch batch, int steps, Action<EnvironmentBatch> look) => Repeat(steps, () =>
        {
            batch.Step(_actions.AsSpan(0, batch.Slots));
            look(batch);
        });

        // As the loops in Python draw: uniform over the axis.
        private static double[] Draw(IReadOnlyList<AnswerAxis> axes, ref RandomStream random)
        {
            var answer = new double[axes.Count];
            for (var i = 0; i < answer.Length; i++)
            {
                var value = axes[i].Min + ((axes[i].Max - axes[i].Min) * random.NextFloat());
                answer[i] = axes[i].IsInteger ? Math.Round(value) : value;
            }

            return answer;
        }
    }

    private static void Repeat(int times, Action action)
    {
        for (var i = 0; i < times; i++)
        {
            action();
        }
    }
}
