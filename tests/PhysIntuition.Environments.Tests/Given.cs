using System.Formats.Tar;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Parquet.Serialization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Datasets;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Players;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;

namespace PhysIntuition.Environments.Tests;

/// <summary>What tests begin with.</summary>
internal static class Given
{
    public static BatchSimulator Simulator { get; } = new();

    public static CpuRenderer Renderer { get; } = new();

    /// <summary>Ids of all tasks that need no folder of photographs.</summary>
    public static TheoryData<string> Tasks => new(TaskCatalog.All.Where(t => !t.Spec.NeedsPictures).Select(t =>
        t.Spec.Id));

    /// <summary>Ids of all tasks whose pictures are drawn from scenes.</summary>
    public static TheoryData<string> SceneTasks => new(
        TaskCatalog.All.Where(task => task is not IPictureTask).Select(task => task.Spec.Id));

    public static EnvironmentBatch Batch(
        string task, int slots, Split split = Split.Test, AutoresetMode mode = AutoresetMode.Disabled,
            string? options = null)
    {
        var found = TaskCatalog.Find(task);

        return new(found, new BatchOptions
        {
            Slots = slots, Split = split, Autoreset = mode, Task = OptionsReader.Read(found.Spec, options),
        }, Simulator, Renderer);
    }

    public static SlotAction[] ExpertActions(EnvironmentBatch batch)
    {
        var actions = new SlotAction[batch.Slots];
        for (var i = 0; i < actions.Length; i++)
        {
            actions[i] = SlotAction.OfText(AnswerText.Write(batch.Task.Expert(batch.EpisodeFor(i)),
                batch.Task.Spec.Answer));
        }

        return actions;
    }

    /// <summary>Who plays a task by rules: by geometry, or by what the picture shows where there is no scene.</summary>
    public static IPlayer HeuristicOf(ITask task) =>
        task.Spec.OptionsType == typeof(SslOptions) ? ScriptedPlayers.Vision : ScriptedPlayers.Geometric;

    /// <summary>Plays as the expert until every episode has ended, by the task and not by its limit of steps.</summary>
    /// <returns>float64[slots]: what each earned.</returns>
    public static double[] PlayExpert(EnvironmentBatch batch)
    {
        var (returns, mask) = (new double[batch.Slots], new bool[batch.Slots]);
        while (batch.FindRunning(mask))
        {
            batch.Step(ExpertActions(batch), mask);
            Assert.DoesNotContain(true, batch.Results.Truncated);
            Assert.All(batch.Results.ParseErrors, Assert.Null);
            for (var slot = 0; slot < returns.Length; slot++)
            {
                returns[slot] += batch.Results.Rewards[slot];
            }
        }

        return returns;
    }

    /// <summary>Answers until every episode has ended: legal numbers, the same for every batch of a task; slot 2
    /// writes what cannot be read, and so do all to end at once.</summary>
    public static void PlayToTheEnd(EnvironmentBatch batch, bool showsOutcomes, bool endsAtOnce = false)
    {
        var (axes, mask) = (batch.Task.Spec.Answer, new bool[batch.Slots]);
        for (var step = 0; step < (endsAtOnce ? 1 : batch.Task.Spec.MaxSteps) && batch.FindRunning(mask); step++)
        {
            var actions = new SlotAction[batch.Slots];
            for (var slot = 0; slot < actions.Length; slot++)
            {
                var random = new RandomStream((ulong)slot, (ulong)step);
                actions[slot] = slot == 2 || endsAtOnce ? SlotAction.OfText("Who knows?")
                    : SlotAction.OfNumbers([.. axes.Select(
                        axis => Math.Round(axis.Min + ((axis.Max - axis.Min) * random.NextFloat(0f, 1f))))]);
            }

            batch.BeginStep(actions, mask, showsOutcomes);
            new WorldRunner(batch.Simulator).Run(batch);
        }
    }

    /// <summary>Scores everything at once.</summary>
    public static ScoreJob Scored(
        ITask task, BatchOptions options, ReadOnlySpan<ulong> seeds, ReadOnlySpan<SlotAction> answers,
        ISimulator simulator, ReadOnlySpan<int> turns = default)
    {
        var job = new ScoreJob(task, options, seeds, answers, simulator, turns);
        new WorldRunner(simulator).Run(job);

        return job;
    }

    public static byte[] Picture(
        EnvironmentBatch batch, int slot, int side = 64, ObservationTime time = ObservationTime.Now,
        TerminalView? outcome = null)
    {
        var rgb = new byte[side * side * 3];
        batch.View.Render([slot], new FrameFormat(side, side), new FrameBuffers { Rgb = rgb }, time, outcome);

        return rgb;
    }

    /// <summary>Options of an export with small pictures.</summary>
    public static OffsetOptions SmallOffset { get; } = new() { PictureWidth = 32, PictureHeight = 32 };

    public static Exporter Export(string folder, ExportFormat format, int items, TaskOptions? options = null) => new(
        new Offset(), new ExportOptions
        {
            Folder = folder, Format = format, Items = items, Task = options ?? SmallOffset,
        }, Simulator, Renderer);

    /// <summary>The rows of an export that has a row file.</summary>
    public static JsonObject[] Rows(string folder, ExportFormat format) => [.. File
        .ReadLines(Path.Combine(folder, new ExportOptions { Folder = folder, Format = format }.RowFile!))
        .Select(line => JsonNode.Parse(line)!.AsObject())];

    /// <summary>The seeds of an export's items, in whatever form they lie.</summary>
    public static IEnumerable<ulong> Seeds(string folder, ExportFormat format) => format switch
    {
        ExportFormat.Parquet => Directory.GetFiles(folder, "*.parquet").SelectMany(file => ParquetSerializer
            .DeserializeAsync<ParquetSink.Row>(file).GetAwaiter().GetResult().Data).Select(row => row.Seed),
        ExportFormat.WebDataset => Directory.GetFiles(folder, "*.tar").SelectMany(file => SeedsOfTar(file)),
        _ => Rows(folder, format).Select(row => row["seed"]!.GetValue<ulong>()),
    };

    private static IEnumerable<ulong> SeedsOfTar(string path)
    {
        using var stream = File.OpenRead(path);
        using var tar = new TarReader(stream);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.Name.EndsWith(".json", StringComparison.Ordinal))
            {
                yield return JsonNode.Parse(entry.DataStream!)!["seed"]!.GetValue<ulong>();
            }
        }
    }

    /// <summary>The numbers among a task's options, as paths into its JSON, with what they must be.</summary>
    public static IEnumerable<(string Path, WithinAttribute Rule)> Ranges(Type options, string prefix = "") =>
        from property in options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
        let path = prefix + JsonNamingPolicy.CamelCase.ConvertName(property.Name)
        let rule = property.GetCustomAttribute<WithinAttribute>()
        from found in rule is not null ? [(path, rule)]
            : OptionRules.IsOptionRecord(property.PropertyType) ? Ranges(property.PropertyType, path + ".") : []
        select found;

    /// <summary>JSON of a task's options with a value at a path.</summary>
    public static string Nest(string path, JsonNode node) => path.Split('.').Reverse()
        .Aggregate(node, (inner, name) => new JsonObject { [name] = inner }).ToJsonString();
}
