using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Grpc.Core;
using Grpc.Net.Client;

namespace PhysIntuition.Client;

/// <summary>A session at a server. Outlives lost connections: calls wait until it is resumed.</summary>
/// <example>
/// <code>
/// await using var client = await PhysIntuitionClient.ConnectAsync();
/// await using var environment = await client.CreateAsync(new EnvironmentSettings("Stability-v1")
/// {
///     Slots = 64,
///     Observe = new Observe("rgb", "prompt"),
/// });
/// var first = await environment.ResetAsync(new ResetSettings { Seed = 0 });
/// var step = await environment.StepAsync([.. first.Observations["prompt"].Texts.Select(Answer)]);
/// </code>
/// </example>
public sealed class PhysIntuitionClient : IEnvironmentClient
{
    // Sessions of clients that nobody disposed of: they end with the process, as far as it can still say so.
    private static readonly ConcurrentDictionary<PhysIntuitionClient, bool> s_open = [];
    private static readonly TimeSpan s_goodbye = TimeSpan.FromSeconds(2);

    private readonly Servers _servers;
    private readonly ClientOptions _options;
    private readonly SessionLink _session;
    private readonly Conversation _conversation;

    private PhysIntuitionClient(Servers servers, SessionLink session, ClientOptions options)
    {
        (_servers, _session, _options) = (servers, session, options);
        _conversation = new Conversation(servers, session, options);
        s_open[this] = true;
    }

    static PhysIntuitionClient() => AppDomain.CurrentDomain.ProcessExit += (_, _) => EndAll();

    /// <summary>Connects to a server and opens a session.</summary>
    /// <param name="options">Null: the server that PHYSINTUITION_SERVER names, else port 50051 of this machine.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="EnvironmentException">Nobody answers there, or the server refuses.</exception>
    public static async Task<PhysIntuitionClient> ConnectAsync(
        ClientOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new ClientOptions { Fallbacks = [.. ServerAddress.All.Skip(1)] };
        var servers = new Servers(options);
        var session = new SessionLink(servers, options);
        for (var others = servers.Count - 1;; others--)
        {
            try
            {
                await session.OpenAsync(cancellation).ConfigureAwait(false);
                return new PhysIntuitionClient(servers, session, options);
            }
            catch (RpcException failure)
            {
                if (!ServerAddress.IsAway(failure) || others == 0)
                {
                    servers.Dispose();
                    throw EnvironmentException.From(failure);
                }
            }
        }
    }

    /// <summary>Connects to a server and opens a session.</summary>
    /// <param name="address">HOST:PORT, with or without http:// or https://, or unix:PATH; or several, separated
    /// by commas, of which the next one is used once nobody answers at the last.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FormatException">The address has another form.</exception>
    /// <exception cref="EnvironmentException">Nobody answers there, or the server refuses.</exception>
    public static Task<PhysIntuitionClient> ConnectAsync(string address, CancellationToken cancellation = default) =>
        ConnectAsync(ClientOptions.At(address), cancellation);

    /// <summary>What the server is and can.</summary>
    public async ValueTask<ServerInfo> GetServerInfoAsync(CancellationToken cancellation = default) =>
        await AskAsync(stub => stub.GetServerInfoAsync(
            new GetServerInfoRequest(), _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default) =>
        (await AskAsync(stub => stub.ListTasksAsync(
            new ListTasksRequest(), _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false)).Tasks;

    /// <inheritdoc/>
    public async ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default) =>
        await AskAsync(stub => stub.GetTaskAsync(
            new GetTaskRequest { Task = task }, _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IEnvironment> CreateAsync(
        EnvironmentSettings settings, CancellationToken cancellation = default)
    {
        var task = await GetTaskAsync(settings.Task, cancellation).ConfigureAwait(false);
        var usesSharedMemory = _options.UseSharedMemory && ServerAddress.IsLocal(_servers.Address);
        var reply = (await _conversation.CallAsync(
            new RunRequest { Create = Requests.From(settings, usesSharedMemory) }, cancellation)
            .ConfigureAwait(false)).Create;
        var shared = reply.SharedMemory is { } memory ? SharedMemoryView.TryOpen(memory) : null;
        if (reply.SharedMemory is not null && shared is null)
        {
            // The server sees a file that this process cannot: open again without it.
            await CloseAsync(reply.Environment.Environment, cancellation).ConfigureAwait(false);
            return await CreateAsync(settings with { SharedBuffers = 0 }, cancellation).ConfigureAwait(false);
        }

        return new RemoteEnvironment(_conversation.CallAsync, task, reply.Environment, shared);
    }

    /// <inheritdoc/>
    public async ValueTask<ScoreResult> ScoreAsync(ScoreSettings settings, CancellationToken cancellation = default)
    {
        var reply = (await _conversation.CallAsync(
            new RunRequest { Score = Requests.From(settings) }, cancellation).ConfigureAwait(false)).Score;
        return new ScoreResult(
            MemoryMarshal.Cast<byte, float>(reply.Rewards.Span).ToArray(), new Observations(reply.Observations, null));
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<DatasetRows> StreamDatasetAsync(
        DatasetSettings settings, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // Rows are functions of their seeds: where a server is lost, another one sends those that are missing.
        var rows = 0;
        AsyncServerStreamingCall<DatasetChunk>? stream = null;
        try
        {
            while (true)
            {
                var chunk = await RetryPolicy.TryAsync(async () =>
                {
                    var stub = _servers.Stub;
                    stream ??= stub.StreamDataset(Requests.From(settings with
                    {
                        FirstSeed = settings.FirstSeed + (ulong)rows, Count = settings.Count - rows,
                    }), _session.Anonymous, cancellationToken: cancellation);
                    try
                    {
                        return await stream.ResponseStream.MoveNext(cancellation).ConfigureAwait(false)
                            ? stream.ResponseStream.Current : null;
                    }
                    catch (RpcException gone) when (ServerAddress.IsAway(gone) && _options.Recover)
                    {
                        stream.Dispose();
                        stream = null;
                        _servers.MoveOn(stub);
                        throw;
                    }
                }, _options.Recover ? _options.ReconnectFor : TimeSpan.Zero, cancellation).ConfigureAwait(false);
                if (chunk is null)
                {
                    yield break;
                }

                var first = rows;
                rows += chunk.Seeds.Count;
                yield return new DatasetRows(first, chunk.Seeds, new Observations(chunk.Columns, shared: null));
                if (rows == settings.Count)
                {
                    yield break;
                }
            }
        }
        finally
        {
            stream?.Dispose();
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _conversation.DisposeAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        _servers.Dispose();
    }

    /// <summary>Ends the sessions of all clients of this process that are still open.</summary>
    internal static void EndAll() =>
        Task.WhenAll(s_open.Keys.Select(client => client.EndAsync())).Wait(s_goodbye);

    private async Task EndAsync()
    {
        if (!s_open.TryRemove(this, out _))
        {
            return;
        }

        try
        {
            await _servers.Stub.CloseSessionAsync(
                new CloseSessionRequest(), _session.Headers, DateTime.UtcNow + s_goodbye).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // Nobody is left to tell; the lease ends the session.
        }
    }

    private Task CloseAsync(uint environment, CancellationToken cancellation) => _conversation.CallAsync(
        new RunRequest { Close = new CloseRequest { Environment = environment } }, cancellation);

    private Task<T> AskAsync<T>(
        Func<EnvironmentService.EnvironmentServiceClient, AsyncUnaryCall<T>> call, CancellationToken cancellation) =>
        RetryPolicy.TryAsync(() => _servers.AskAsync(call), _options.ReconnectFor, cancellation);
}
