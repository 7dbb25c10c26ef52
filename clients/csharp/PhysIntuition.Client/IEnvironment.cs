namespace PhysIntuition.Client;

/// <summary>A batch of slots, each of which plays one episode after another; one slot makes one environment.</summary>
/// <remarks>
/// Calls may overlap; they are carried out in the order in which they were made, and each result belongs to its call.
/// Cancelling a call stops the wait for it, not the work.
/// </remarks>
public interface IEnvironment : IAsyncDisposable
{
    /// <summary>The task's manual page.</summary>
    TaskInfo Task { get; }

    /// <summary>Number of slots.</summary>
    int Slots { get; }

    /// <summary>The task's options in force, as a JSON object with every default filled in.</summary>
    string Options { get; }

    /// <summary>Steps after which an episode ends at the latest, with these options.</summary>
    int MaxSteps { get; }

    /// <summary>Starts new episodes.</summary>
    /// <param name="settings">Seeds, mask and options; null: all slots, each on its own stream of seeds.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<ResetResult> ResetAsync(ResetSettings? settings = null, CancellationToken cancellation = default);

    /// <summary>Acts once by numbers.</summary>
    /// <param name="actions">float32[rows, action_size], units as the task says.</param>
    /// <param name="settings">Mask and observations; null: all slots, as created.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<StepResult> StepAsync(
        ReadOnlyMemory<float> actions, StepSettings? settings = null, CancellationToken cancellation = default);

    /// <summary>Acts once by text.</summary>
    /// <param name="answers">What a language model wrote, one for each row.</param>
    /// <param name="settings">Mask and observations; null: all slots, as created.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<StepResult> StepAsync(
        IReadOnlyList<string> answers, StepSettings? settings = null, CancellationToken cancellation = default);

    /// <summary>Draws slots without touching their state.</summary>
    /// <param name="observe">Names of pictures, size and encoding; null: "rgb", raw, 224 by 224.</param>
    /// <param name="slots">Which, in this order; null: all.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<Observations> RenderAsync(
        Observe? observe = null, IReadOnlyList<int>? slots = null, CancellationToken cancellation = default);

    /// <summary>Captures the states of slots in a few bytes.</summary>
    /// <param name="slots">Which, in this order; null: all.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<ReadOnlyMemory<byte>> SnapshotAsync(
        IReadOnlyList<int>? slots = null, CancellationToken cancellation = default);

    /// <summary>Puts captured states into slots.</summary>
    /// <param name="snapshot">What <see cref="SnapshotAsync"/> gave, of the same task and split.</param>
    /// <param name="sources">For each row, which captured slot it continues from; null: row i from slot i.</param>
    /// <param name="mask">One for each slot; null: all.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<ResetResult> RestoreAsync(
        ReadOnlyMemory<byte> snapshot, IReadOnlyList<int>? sources = null, IReadOnlyList<bool>? mask = null,
        CancellationToken cancellation = default);

    /// <summary>Opens a second environment whose slots continue from the states of slots of this one.</summary>
    /// <param name="slots">Slot i continues from slot slots[i], repetition allowed; null: one for each slot.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    ValueTask<IEnvironment> ForkAsync(IReadOnlyList<int>? slots = null, CancellationToken cancellation = default);
}

/// <summary>Opens environments, wherever they run: over gRPC, through shared memory, or in this process.</summary>
public interface IEnvironmentClient : IAsyncDisposable
{
    /// <summary>All tasks, in the order in which people should read them.</summary>
    ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default);

    /// <summary>The manual page of one task.</summary>
    /// <param name="task">Id with version, "Stability-v1".</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="EnvironmentException">There is no such task; the message lists what there is.</exception>
    ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default);

    /// <summary>Opens a batch of episodes; the first Reset fills its slots.</summary>
    /// <exception cref="EnvironmentException">A setting is outside its range, or a limit is reached.</exception>
    ValueTask<IEnvironment> CreateAsync(EnvironmentSettings settings, CancellationToken cancellation = default);

    /// <summary>Scores answers to one-step episodes without an environment.</summary>
    /// <remarks>Equal seeds share the scene and whatever can be computed once.</remarks>
    /// <exception cref="EnvironmentException">The request is outside its range; nothing was scored.</exception>
    ValueTask<ScoreResult> ScoreAsync(ScoreSettings settings, CancellationToken cancellation = default);

    /// <summary>Streams episodes as rows of a dataset, in the order of their seeds.</summary>
    /// <exception cref="EnvironmentException">The request is outside its range.</exception>
    IAsyncEnumerable<DatasetRows> StreamDatasetAsync(
        DatasetSettings settings, CancellationToken cancellation = default);
}
