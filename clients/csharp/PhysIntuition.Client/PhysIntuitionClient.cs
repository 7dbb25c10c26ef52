using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Grpc.Core;
using Grpc.Net.Client;
using PhysIntuition.V1;

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

    private readonly GrpcChannel _channel;
    private readonly EnvironmentService.EnvironmentServiceClient _stub;
    private readonly ClientOptions _options;
    private readonly SessionLink _session;
    private readonly Conversation _conversation;

    private PhysIntuitionClient(
        GrpcChannel channel, EnvironmentService.EnvironmentServiceClient stub, SessionLink session,
        ClientOptions options)
    {
        (_channel, _stub, _session, _options) = (channel, stub, session, options);
        _conversation = new Conversation(stub, session, options.ReconnectFor);
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
        options ??= new ClientOptions();
        var channel = GrpcChannel.ForAddress(ServerAddress.Authority(options.Address), new GrpcChannelOptions
        {
            HttpHandler = ServerAddress.CreateHandler(options.Address),
            DisposeHttpClient = true,
            MaxReceiveMessageSize = options.MaxMessageBytes,
            MaxSendMessageSize = options.MaxMessageBytes,
            // The package waits up to two minutes between attempts; a server that is back should be found at once.
            InitialReconnectBackoff = TimeSpan.FromMilliseconds(100),
            MaxReconnectBackoff = TimeSpan.FromSeconds(1),
        });
        var stub = new EnvironmentService.EnvironmentServiceClient(channel);
        var session = new SessionLink(stub, options);
        try
        {
            await session.OpenAsync(cancellation).ConfigureAwait(false);
            return new PhysIntuitionClient(channel, stub, session, options);
        }
        catch (RpcException failure)
        {
            channel.Dispose();
            throw EnvironmentException.From(failure);
        }
    }

    /// <summary>Connects to a server and opens a session.</summary>
    /// <param name="address">HOST:PORT, with or without http:// or https://, or unix:PATH.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <exception cref="FormatException">The address has another form.</exception>
    /// <exception cref="EnvironmentException">Nobody answers there, or the server refuses.</exception>
    public static Task<PhysIntuitionClient> ConnectAsync(string address, CancellationToken cancellation = default) =>
        ConnectAsync(new ClientOptions { Address = ServerAddress.Parse(address) }, cancellation);

    /// <summary>What the server is and can.</summary>
    public async ValueTask<ServerInfo> GetServerInfoAsync(CancellationToken cancellation = default) =>
        await AskAsync(() => _stub.GetServerInfoAsync(
            new GetServerInfoRequest(), _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<TaskInfo>> ListTasksAsync(CancellationToken cancellation = default) =>
        (await AskAsync(() => _stub.ListTasksAsync(
            new ListTasksRequest(), _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false)).Tasks;

    /// <inheritdoc/>
    public async ValueTask<TaskInfo> GetTaskAsync(string task, CancellationToken cancellation = default) =>
        await AskAsync(() => _stub.GetTaskAsync(
            new GetTaskRequest { Task = task }, _session.Anonymous, cancellationToken: cancellation), cancellation)
        .ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask<IEnvironment> CreateAsync(
        EnvironmentSettings settings, CancellationToken cancellation = default)
    {
        var task = await GetTaskAsync(settings.Task, cancellation).ConfigureAwait(false);
        var usesSharedMemory = _options.UseSharedMemory && ServerAddress.IsLocal(_options.Address);
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
        using var stream = _stub.StreamDataset(
            Requests.From(settings), _session.Headers, cancellationToken: cancellation);
        while (await NextAsync(stream.ResponseStream, cancellation).ConfigureAwait(false))
        {
            var chunk = stream.ResponseStream.Current;
            yield return new DatasetRows(
                (long)chunk.FirstRow, chunk.Seeds, new Observations(chunk.Columns, shared: null));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _conversation.DisposeAsync().ConfigureAwait(false);
        await EndAsync().ConfigureAwait(false);
        _channel.Dispose();
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
            await _stub.CloseSessionAsync(
                new CloseSessionRequest(), _session.Headers, DateTime.UtcNow + s_goodbye).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            // Nobody is left to tell; the lease ends the session.
        }
    }

    private Task CloseAsync(uint environment, CancellationToken cancellation) => _conversation.CallAsync(
        new RunRequest { Close = new CloseRequest { Environment = environment } }, cancellation);

    private Task<T> AskAsync<T>(Func<AsyncUnaryCall<T>> call, CancellationToken cancellation) => RetryPolicy.TryAsync(
        async () =>
        {
            using var one = call();
            return await one.ConfigureAwait(false);
        },
        _options.ReconnectFor,
        cancellation);

    private static async Task<bool> NextAsync<T>(IAsyncStreamReader<T> stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.MoveNext(cancellation).ConfigureAwait(false);
        }
        catch (RpcException failure)
        {
            throw EnvironmentException.From(failure);
        }
    }
}
