using System.Runtime.CompilerServices;

namespace PhysIntuition.Client;

/// <summary>A client that connects when it is first used; a failed attempt is made again by the next call.</summary>
internal sealed class DeferredClient(ClientOptions options) : IEnvironmentClient, IDisposable
{
    private readonly Lock _lock = new();
    private Task<PhysIntuitionClient>? _connecting;

    public async ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default) =>
        await (await ConnectAsync(cancellation).ConfigureAwait(false)).ListTasksAsync(cancellation)
            .ConfigureAwait(false);

    public async ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default) =>
        await (await ConnectAsync(cancellation).ConfigureAwait(false)).GetTaskAsync(task, cancellation)
            .ConfigureAwait(false);

    public async ValueTask<IEnvironment> CreateAsync(
        EnvironmentSettings settings, CancellationToken cancellation = default) =>
        await (await ConnectAsync(cancellation).ConfigureAwait(false)).CreateAsync(settings, cancellation)
            .ConfigureAwait(false);

    public async ValueTask<ScoreResult> ScoreAsync(ScoreSettings settings, CancellationToken cancellation = default) =>
        await (await ConnectAsync(cancellation).ConfigureAwait(false)).ScoreAsync(settings, cancellation)
            .ConfigureAwait(false);

    public async IAsyncEnumerable<DatasetRows> StreamDatasetAsync(
        DatasetSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var client = await ConnectAsync(cancellation).ConfigureAwait(false);
        await foreach (var rows in client.StreamDatasetAsync(settings, cancellation).ConfigureAwait(false))
        {
            yield return rows;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Task<PhysIntuitionClient>? connecting;
        lock (_lock)
        {
            (connecting, _connecting) = (_connecting, null);
        }

        if (connecting is { IsCompletedSuccessfully: true })
        {
            await (await connecting.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>For containers that are disposed of without waiting.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private Task<PhysIntuitionClient> ConnectAsync(CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_connecting is null or { IsFaulted: true } or { IsCanceled: true })
            {
                _connecting = PhysIntuitionClient.ConnectAsync(options, CancellationToken.None);
            }

            return _connecting.WaitAsync(cancellation);
        }
    }
}
