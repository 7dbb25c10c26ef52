using System.CommandLine;
using PhysIntuition.Benchmarks.Reports;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;

namespace PhysIntuition.Benchmarks;

/// <summary>Scenes of every task per second, and datasets written per second beside pictures drawn.</summary>
internal sealed class EnvironmentsArea : IArea
{
    private const int Rounds = 3;
    private const int Slots = 4096;       // a quarter of what a server grants; a small batch ends with few worlds
    private const int PictureSide = 224;   // pixels
    private const double MostTimesSlower = 10;

    private static readonly Option<int> s_exported = new("--export-items")
    {
        Description = "Items of the timed export, 256 to 1,000,000.",
        DefaultValueFactory = _ => 2048,
    };

    private static readonly Option<bool> s_onlyExport = new("--only-export")
    {
        Description = "Leave out the scenes of every task.",
    };

    /// <inheritdoc/>
    public string Name => "environments";

    /// <inheritdoc/>
    public string Summary => "Scenes arranged, settled and judged per second for every task; the speed of export.";

    /// <inheritdoc/>
    public void Configure(Command command)
    {
        command.Options.Add(s_exported);
        command.Options.Add(s_onlyExport);
    }

    /// <inheritdoc/>
    public Task RunAsync(ParseResult arguments, Figures figures, CancellationToken cancellation)
    {
        using var simulator = new BatchSimulator();
        if (!arguments.GetValue(s_onlyExport))
        {
            AddScenes(figures, simulator, cancellation);
        }

        AddExport(figures, simulator, Math.Clamp(arguments.GetValue(s_exported), 256, 1_000_000));

        return Task.CompletedTask;
    }

    // All tasks in turn in every round, so that a slow minute of the machine hits all of them alike.
    private static void AddScenes(Figures figures, BatchSimulator simulator, CancellationToken cancellation)
    {
        ITask[] tasks = [.. TaskCatalog.All.Where(static task =>
            task.Spec.HasScenes && task.Spec.OptionsType != typeof(SslOptions))];   // theirs are pictures alone
        var (next, cpu) = (0UL, tasks.Select(static _ => new List<double>()).ToArray());
        var seconds = Clock.Rounds(Rounds, Clock.WallSeconds, [.. tasks.Select((task, i) => (Action)(() =>
        {
            cancellation.ThrowIfCancellationRequested();
            cpu[i].Add(Clock.CpuSeconds(
                () => Open(task, Slots, simulator, renderer: null).Reset(next += Slots)));
        }))]);
        var stability = Array.FindIndex(tasks, static task => task is Stability);
        for (var i = 0; i < tasks.Length; i++)
        {
            var mark = i == stability ? Mark.AtLeast(4000) : (Mark?)null;
            figures.AddMedian(
                $"scenes_per_second_{tasks[i].Spec.Name}", [.. seconds[i].Select(s => Slots / s)], "1/s", mark);
        }

        // By processor time, which other programs hardly touch; the first round compiles.
        double[][] ratios = [.. cpu.Select(own => Clock.Ratios([.. own.Skip(1)], [.. cpu[stability].Skip(1)]))];
        var slowest = Enumerable.Range(0, tasks.Length).MaxBy(i => Statistics.Median(ratios[i]));
        figures.Add("slowest_task", tasks[slowest].Spec.Id);
        figures.AddMedian("slowest_task_vs_stability", ratios[slowest], "x", Mark.AtMost(MostTimesSlower));
        for (var i = 0; i < tasks.Length; i++)
        {
            figures.AddMedian($"times_stability_{tasks[i].Spec.Name}", ratios[i], "x");
        }
    }

    // Drawing alone is what an export can at best keep up with: it arranges, settles, encodes and writes as well.
    private static void AddExport(Figures figures, BatchSimulator simulator, int items)
    {
        var (task, renderer) = (TaskCatalog.Find("Stability-v1"), new CpuRenderer());
        var folder = Directory.CreateTempSubdirectory("physintuition-export-").FullName;
        try
        {
            var batch = Open(task, 256, simulator, renderer);
            batch.Reset(0UL);
            int[] slots = [.. Enumerable.Range(0, batch.Slots)];
            var format = new FrameFormat(PictureSide, PictureSide);
            var rgb = new byte[format.BytesOf(Channels.Rgb) * batch.Slots];
            var drawing = Clock.Rounds(Rounds, Clock.WallSeconds,
                () => batch.View.Render(slots, format, new FrameBuffers { Rgb = rgb }))[0];
            const int warmUp = 1024;   // items that compile what the rest runs
            Export(warmUp);
            var cpuSeconds = 0.0;
            var seconds = Clock.WallSeconds(() => cpuSeconds = Clock.CpuSeconds(() => Export(warmUp + items)));
            var frames = batch.Slots / Statistics.Median(drawing);
            figures.Add("frames_224_per_second", frames, "1/s");
            figures.Add("export_items", items);
            figures.Add("export_items_per_second", items / seconds, "1/s");
            figures.Add("export_cpu_us_per_item", cpuSeconds / items * 1e6, "us");
            figures.Add("export_vs_renderer", items / seconds / frames, "x");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        void Export(int count) =>
            new Exporter(task, new ExportOptions { Folder = folder, Items = count }, simulator, renderer).Run();
    }

    private static EnvironmentBatch Open(ITask task, int slots, BatchSimulator simulator, IRenderer? renderer) => new(
        task, new BatchOptions
        {
            Slots = slots, Split = Split.Train, Autoreset = AutoresetMode.Disabled,
            Task = OptionsReader.DefaultsOf(task.Spec),
        }, simulator, renderer);
}
