namespace PhysIntuition.Client;

/// <summary>A request, and who waits for its reply.</summary>
internal sealed class PendingCall(RunRequest request)
{
    public RunRequest Request => request;

    /// <summary>As the client counts, whatever the server's numbers are.</summary>
    public uint Environment { get; } = request.CalledEnvironment;

    /// <summary>Likewise; 0: not numbered.</summary>
    public ulong StepId { get; } = request.StepId;

    /// <summary>Of the client's own: nobody waits for it.</summary>
    public bool IsOwn { get; init; }

    public TaskCompletionSource<RunReply> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Keeps what brings environments back, and gives them the numbers of the session they are in.</summary>
/// <remarks>Under its conversation's lock, but for rebuilding, when no call is under way.</remarks>
internal sealed class Recovery
{
    private readonly SortedDictionary<uint, History> _histories = [];
    private readonly Dictionary<uint, Held> _held = [];
    private uint _lastNumber;
    private bool _isRebuilt;

    /// <summary>Replies that nobody may see before a snapshot is kept, as they cannot be had again.</summary>
    private sealed record Held(int Mark, ulong LastStepId, List<(PendingCall Call, RunReply Reply)> Replies);

    /// <summary>Gives a request the numbers of the session.</summary>
    /// <exception cref="EnvironmentException">Its environment cannot be brought back.</exception>
    public void Address(PendingCall call)
    {
        if (!_histories.TryGetValue(call.Environment, out var history))
        {
            // Before a session is lost the server says it; afterwards the number may be another environment's.
            if (_isRebuilt && call.Environment != 0)
            {
                throw new EnvironmentException(new Error
                {
                    Code = (uint)Grpc.Core.StatusCode.NotFound, Reason = "ENVIRONMENT_CLOSED", Field = "environment",
                    Message = $"Environment {call.Environment} is closed. Create a new one.",
                });
            }

            return;
        }

        if (history.Lost is not null)
        {
            throw history.Lost;
        }

        var (request, number, stepId) = (call.Request, history.Number, call.StepId - history.Shift);
        switch (request.CallCase)
        {
            case RunRequest.CallOneofCase.Reset:
                (request.Reset.Environment, request.Reset.StepId) = (number, stepId);
                break;
            case RunRequest.CallOneofCase.Step:
                (request.Step.Environment, request.Step.StepId) = (number, stepId);
                break;
            case RunRequest.CallOneofCase.Restore:
                (request.Restore.Environment, request.Restore.StepId) = (number, stepId);
                break;
            case RunRequest.CallOneofCase.Render:
                request.Render.Environment = number;
                break;
            case RunRequest.CallOneofCase.Snapshot:
                request.Snapshot.Environment = number;
                break;
            case RunRequest.CallOneofCase.Fork:
                request.Fork.Environment = number;
                break;
            case RunRequest.CallOneofCase.Close:
                request.Close.Environment = number;
                break;
        }
    }

    /// <summary>A call was answered.</summary>
    /// <param name="call">The call.</param>
    /// <param name="reply">Gets the client's numbers.</param>
    /// <param name="told">Receives the calls whose callers may know.</param>
    /// <returns>A snapshot to be taken; null: none.</returns>
    public PendingCall? Answer(PendingCall call, RunReply reply, List<(PendingCall Call, RunReply Reply)> told)
    {
        var environment = call.Environment;
        var history = _histories.GetValueOrDefault(environment);
        var mark = (history?.Mark ?? 0, history?.LastStepId ?? 0);
        var (wantsSnapshot, isDrawn) = (false, false);
        switch (reply.ResultCase)
        {
            case RunReply.ResultOneofCase.Create:
                Open(reply.Create.Environment, call.Request.Create);
                break;
            case RunReply.ResultOneofCase.Fork when history is not null:
                (environment, mark, isDrawn) = (Fork(reply.Fork.Environment, environment), (0, 0), true);
                history = _histories[environment];
                wantsSnapshot = true;
                break;
            case RunReply.ResultOneofCase.Close:
                _histories.Remove(environment);
                break;
            case RunReply.ResultOneofCase.Reset or RunReply.ResultOneofCase.Step when history is not null:
                isDrawn = call.Request.Reset is { } reset && history.IsDrawn(reset);
                wantsSnapshot = history.Add(call.Request, reply, call.StepId);
                break;
        }

        if (call.IsOwn)
        {
            Keep(environment, reply, told);
            return null;
        }

        if (isDrawn && !_held.ContainsKey(environment))
        {
            _held[environment] = new Held(mark.Item1, mark.Item2, []);
        }

        (_held.TryGetValue(environment, out var held) ? held.Replies : told).Add((call, reply));
        return wantsSnapshot && !history!.IsBeingCaptured ? Capture(environment, history) : null;
    }

    /// <summary>The stream broke and its session goes on: snapshots are taken anew behind what is sent again.</summary>
    public List<PendingCall> CaptureAgain()
    {
        foreach (var history in _histories.Values)
        {
            history.IsBeingCaptured = false;
        }

        return [.. _held.Keys.Select(environment => Capture(environment, _histories[environment]))];
    }

    /// <summary>The session is lost: what nobody has seen yet is done again.</summary>
    public IEnumerable<PendingCall> TakeBack()
    {
        List<PendingCall> calls = [.. _held.Values.SelectMany(held => held.Replies).Select(one => one.Call)];
        foreach (var (environment, held) in _held)
        {
            _histories[environment].GoBack(held.Mark, held.LastStepId);
            if (held.Replies[0].Call.Request.Fork is not null)
            {
                _histories.Remove(environment);
            }
        }

        _held.Clear();
        return calls;
    }

    /// <summary>Opens all environments again in another session.</summary>
    /// <param name="call">Makes one call in that session.</param>
    public async Task RebuildAsync(Func<RunRequest, Task<RunReply>> call)
    {
        _isRebuilt = true;
        foreach (var history in _histories.Values.Where(history => history.Lost is null))
        {
            try
            {
                await history.RebuildAsync(call).ConfigureAwait(false);
            }
            catch (EnvironmentException refused) when (refused.Reason == "WRONG_SNAPSHOT")
            {
                history.Lost = History.LostBecause("The session is lost, and the server that goes on cannot read "
                    + "snapshots of the one that had it. Give both the same PhysIntuition:Engine:SnapshotSecret, or "
                    + "reset with seeds, which needs no snapshot.");
            }
            catch (EnvironmentException refused) when (refused.Reason == "SESSION_LOST")
            {
                history.Lost = refused;
            }
        }
    }

    private void Open(EnvironmentInfo info, CreateRequest create)
    {
        var number = ++_lastNumber;
        _histories[number] = new History(create, (int)info.Slots) { Number = info.Environment };
        info.Environment = number;
    }

    private uint Fork(EnvironmentInfo info, uint origin)
    {
        var create = _histories[origin].Create.Clone();
        create.SlotOptionsJson.Clear();   // they come with the snapshot
        Open(info, create);
        _histories[info.Environment].BeginAsFork();
        return info.Environment;
    }

    private static PendingCall Capture(uint environment, History history)
    {
        var request = history.Capture();
        request.Environment = environment;
        return new PendingCall(new RunRequest { Snapshot = request }) { IsOwn = true };
    }

    private void Keep(uint environment, RunReply reply, List<(PendingCall Call, RunReply Reply)> told)
    {
        if (_histories.TryGetValue(environment, out var history))
        {
            history.IsBeingCaptured = false;
            if (reply.Snapshot is { } snapshot)
            {
                history.Keep(snapshot.Snapshot);
            }
        }

        if (_held.Remove(environment, out var held))
        {
            told.AddRange(held.Replies);   // also where the server keeps no snapshots: then it is as without recovery
        }
    }
}
