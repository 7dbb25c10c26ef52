using Google.Protobuf;
using Tasks = System.Threading.Tasks.Task;

namespace PhysIntuition.Client;

/// <summary>An environment behind calls of the protocol: at a server, or wherever they are carried out.</summary>
/// <param name="callAsync">Carries out a request, or throws <see cref="EnvironmentException"/>.</param>
/// <param name="task">The task's manual page.</param>
/// <param name="info">What Create said.</param>
/// <param name="shared">Memory through which tensors come; null: they come with the replies.</param>
internal class RemoteEnvironment(
    Func<RunRequest, CancellationToken, Task<RunReply>> callAsync, TaskInfo task, EnvironmentInfo info,
    SharedMemoryView? shared) : IEnvironment
{
    private readonly Lock _lock = new();
    private ulong _lastStepId;
    private Task _abandoned = Tasks.CompletedTask;
    private bool _isClosed;

    public TaskInfo Task => task;

    public int Slots => (int)info.Slots;

    public string Options => info.OptionsJson;

    public int MaxSteps => (int)(info.MaxSteps > 0 ? info.MaxSteps : task.MaxSteps);   // 0: an older server

    /// <summary>The file through which tensors come; null: they come with the replies.</summary>
    public string? SharedFile => shared?.Path;

    public async ValueTask<ResetResult> ResetAsync(
        ResetSettings? settings = null, CancellationToken cancellation = default)
    {
        var request = Requests.From(settings);
        request.Environment = info.Environment;
        var reply = await ChangeAsync(
            new RunRequest { Reset = request }, id => request.StepId = id, cancellation).ConfigureAwait(false);
        return ToResult(reply.Reset);
    }

    public ValueTask<StepResult> StepAsync(
        ReadOnlyMemory<float> actions, StepSettings? settings = null, CancellationToken cancellation = default)
    {
        var request = Requests.From(settings);
        request.Numbers = Requests.Numbers(actions);
        return StepAsync(request, cancellation);
    }

    public ValueTask<StepResult> StepAsync(
        IReadOnlyList<string> answers, StepSettings? settings = null, CancellationToken cancellation = default)
    {
        var request = Requests.From(settings);
        request.Texts = Requests.Texts(answers);
        return StepAsync(request, cancellation);
    }

    public async ValueTask<Observations> RenderAsync(
        Observe? observe = null, IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        var request = new RenderRequest { Environment = info.Environment, Observe = Requests.From(observe) };
        request.Slots.AddRange(Slotted(slots));
        var reply = await callAsync(new RunRequest { Render = request }, cancellation)
            .ConfigureAwait(false);
        return new Observations(reply.Render.Observations, shared);
    }

    public async ValueTask<ReadOnlyMemory<byte>> SnapshotAsync(
        IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        var request = new SnapshotRequest { Environment = info.Environment };
        request.Slots.AddRange(Slotted(slots));
        var reply = await callAsync(new RunRequest { Snapshot = request }, cancellation)
            .ConfigureAwait(false);
        return reply.Snapshot.Snapshot.Memory;
    }

    public async ValueTask<ResetResult> RestoreAsync(
        ReadOnlyMemory<byte> snapshot, IReadOnlyList<int>? sources = null, IReadOnlyList<bool>? mask = null,
        CancellationToken cancellation = default)
    {
        var request = new RestoreRequest
        {
            Environment = info.Environment,
            Snapshot = UnsafeByteOperations.UnsafeWrap(snapshot),
            Mask = Requests.Mask(mask),
        };
        request.Sources.AddRange(Slotted(sources));
        var reply = await ChangeAsync(
            new RunRequest { Restore = request }, id => request.StepId = id, cancellation).ConfigureAwait(false);
        return ToResult(reply.Reset);
    }

    public async ValueTask<IEnvironment> ForkAsync(
        IReadOnlyList<int>? slots = null, CancellationToken cancellation = default)
    {
        var request = Requests.Fork(info.Environment, Slotted(slots));
        var reply = await callAsync(new RunRequest { Fork = request }, cancellation)
            .ConfigureAwait(false);
        return new RemoteEnvironment(callAsync, task, reply.Fork.Environment, shared: null);
    }

    public async ValueTask DisposeAsync()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        try
        {
            await callAsync(
                new RunRequest { Close = new CloseRequest { Environment = info.Environment } }, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is EnvironmentException or ObjectDisposedException)
        {
            // The session has ended, and the environment with it.
        }

        (shared as IDisposable)?.Dispose();
    }

    private async ValueTask<StepResult> StepAsync(StepRequest request, CancellationToken cancellation)
    {
        request.Environment = info.Environment;
        var reply = (await ChangeAsync(
            new RunRequest { Step = request }, id => request.StepId = id, cancellation).ConfigureAwait(false)).Step;
        var started = reply.Started.IsEmpty ? new byte[reply.Terminated.Length] : reply.Started.Memory;
        return new StepResult(reply.Rewards.Memory, reply.Terminated.Memory, reply.Truncated.Memory, started)
        {
            Observations = new Observations(reply.Observations, shared),
            FinalObservations = new Observations(reply.FinalObservations, shared),
        };
    }

    private async Task<RunReply> ChangeAsync(
        RunRequest request, Action<ulong> number, CancellationToken cancellation)
    {
        Task<RunReply> call;
        lock (_lock)
        {
            call = _abandoned.IsCompleted ? SendAsync(request, number) : AfterAbandonedAsync(request, number);
        }

        try
        {
            return await call.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!call.IsCompleted)
        {
            lock (_lock)
            {
                _abandoned = Tasks.WhenAll(_abandoned, Quietly(call));
            }

            throw;
        }
    }

    // Until a cancelled call has its reply, nobody knows whether its number is free again; others queue behind it.
    private Task<RunReply> AfterAbandonedAsync(RunRequest request, Action<ulong> number)
    {
        var call = SendBehindAsync(_abandoned);
        _abandoned = Quietly(call);
        return call;

        async Task<RunReply> SendBehindAsync(Task abandoned)
        {
            await abandoned.ConfigureAwait(false);
            return await SendAsync(request, number).ConfigureAwait(false);
        }
    }

    private Task<RunReply> SendAsync(RunRequest request, Action<ulong> number)
    {
        lock (_lock)
        {
            var id = ++_lastStepId;
            number(id);
            return CallAsync(request, id);
        }
    }

    private static async Task Quietly(Task call) =>
        await call.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    // A refused request has not been carried out, so its number is free again.
    private async Task<RunReply> CallAsync(RunRequest request, ulong id)
    {
        try
        {
            return await callAsync(request, CancellationToken.None).ConfigureAwait(false);
        }
        catch (EnvironmentException)
        {
            lock (_lock)
            {
                _lastStepId = Math.Min(_lastStepId, id - 1);
            }

            throw;
        }
    }

    private ResetResult ToResult(ResetReply reply) => new(new Observations(reply.Observations, shared));

    private static IEnumerable<uint> Slotted(IReadOnlyList<int>? slots) => slots?.Select(slot => (uint)slot) ?? [];
}
