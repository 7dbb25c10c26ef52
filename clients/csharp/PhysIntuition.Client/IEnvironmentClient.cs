using PhysIntuition.V1;

namespace PhysIntuition.Client;

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
