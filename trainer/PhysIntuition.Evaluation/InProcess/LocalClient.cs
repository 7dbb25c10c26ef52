using System.Runtime.CompilerServices;
using PhysIntuition.Client;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Observations;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.V1;

namespace PhysIntuition.Evaluation.InProcess;

/// <summary>Environments in this process: the same calls as over the wire, without a wire.</summary>
/// <remarks>Calls of one client are carried out one after the other, on the caller's thread.</remarks>
public sealed class LocalClient : IEnvironmentClient
{
    private readonly BatchSimulator _simulator = new();
    private readonly CpuRenderer _renderer = new();

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default) =>
        new([.. TaskCatalog.All.Select(task => Describe(task.Spec))]);

    /// <inheritdoc/>
    public ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default) =>
        new(Describe(TaskCatalog.Find(task).Spec));

    /// <inheritdoc/>
    public ValueTask<IEnvironment> CreateAsync(
        EnvironmentSettings settings, CancellationToken cancellation = default)
    {
        if (settings.SlotOptions.Count > 0 || settings.Autoreset != V1.AutoresetMode.Disabled)
        {
            throw new NotSupportedException(
                "Environments in this process take no options by slot and no autoreset; connect to a server for "
                + "these.");
        }

        var task = TaskCatalog.Find(settings.Task);
        var batch = Open(task, OptionsFor(task, settings.Split, settings.Options, settings.Slots) with
        {
            Outcome = settings.Outcome == TerminalObservation.Question ? TerminalView.Question : TerminalView.Settled,
        });
        return new(new LocalEnvironment(this, batch, Describe(task.Spec), settings.Observe));
    }

    /// <inheritdoc/>
    public ValueTask<ScoreResult> ScoreAsync(ScoreSettings settings, CancellationToken cancellation = default)
    {
        var task = TaskCatalog.Find(settings.Task);
        var answers = settings.Answers ?? throw new NotSupportedException(
            "In this process answers are scored as texts; set answers, or connect to a server.");
        lock (_simulator)
        {
            var job = ScoreJob.Run(task, OptionsFor(task, settings.Split, settings.Options, slots: 1),
                [.. settings.Seeds], [.. answers.Select(SlotAction.OfText)], _simulator);
            float[] rewards = Array.ConvertAll(job.Rewards, reward => (float)reward);
            return new(new ScoreResult(rewards, []));
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DatasetRows> StreamDatasetAsync(
        DatasetSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        for (var row = 0; row < settings.Count; row += settings.ChunkRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var seed = settings.FirstSeed + (ulong)row;
            await using var environment = await CreateAsync(new EnvironmentSettings(settings.Task)
            {
                Split = settings.Split, Options = settings.Options, Observe = settings.Observe,
                Slots = Math.Min(settings.ChunkRows, settings.Count - row),
                Autoreset = V1.AutoresetMode.Disabled,
            }, cancellation).ConfigureAwait(false);
            var rows = await environment.ResetAsync(seed, cancellation).ConfigureAwait(false);
            ulong[] seeds = [.. Enumerable.Range(0, environment.Slots).Select(slot => seed + (ulong)slot)];
            yield return new DatasetRows(row, seeds, rows.Observations);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _simulator.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Held by every call into a batch of this client: the engines are shared.</summary>
    internal object Gate => _simulator;

    internal EnvironmentBatch Open(ITask task, BatchOptions options) => new(task, options, _simulator, _renderer);

    private static BatchOptions OptionsFor(ITask task, string split, string options, int slots)
    {
        var choice = SuiteCatalog.Find(task.Spec, split);
        return new BatchOptions
        {
            Slots = slots, Split = choice.Split, Task = choice.Apply(OptionsReader.Read(task.Spec, options)),
            Autoreset = Environments.Batches.AutoresetMode.Disabled,
        };
    }

    private static TaskInfo Describe(TaskSpec spec) => new()
    {
        Id = spec.Id,
        Title = spec.Summary.TrimEnd('.'),
        ActionSize = (uint)spec.Answer.Count,
        OptionsSchemaJson = OptionsReader.SchemaOf(spec),
        MaxSteps = (uint)spec.MaxSteps,
        Splits =
        {
            spec.Splits.Select(split => new SplitInfo { Name = split.ToString().ToLowerInvariant() }),
            SuiteCatalog.Of(spec).Select(suite => new SplitInfo { Name = $"test/{suite.Name}" }),
        },
        Reward = new RewardInfo
        {
            Min = (float)spec.Reward.Min, Max = (float)spec.Reward.Max,
            Random = (float)spec.Anchors.Random, Expert = (float)spec.Anchors.Perfect,
        },
    };
}
