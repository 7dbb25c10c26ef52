using Google.Protobuf.Collections;

namespace PhysIntuition.Server.Batches;

/// <summary>An open environment: a batch, its reply memory, and the numbers of the requests that changed it.</summary>
/// <remarks>Calls reach it through its lane, one at a time; only closing may come from anywhere.</remarks>
internal sealed class HostedEnvironment : IDisposable
{
    private const int MostPrepared = 1024;   // slots; with more, crossing to the client is little, and memory counts

    private static readonly ObservationRequest s_picture = new() { Names = { "rgb" } };

    private readonly EnvironmentServices _services;
    private readonly SharedBuffers? _shared;
    private readonly RequestReader _requests;
    private readonly ReplyBufferPool _pages;
    private readonly ReplyWriter _replies;
    private ReplyWriter? _nextReplies;     // of the batch as it will be; null: nobody asked yet
    private ReplyBuffer? _shownNext;       // told ahead and not done; null: nothing is
    private ObservationPlan _observe = ObservationPlan.None;   // of the call under way
    private volatile bool _isClosed;

    public HostedEnvironment(
        uint number, EnvironmentPlan plan, WorkShare share, SharedBuffers? shared, EnvironmentServices services)
    {
        (Number, Plan, _shared, _services) = (number, plan, shared, services);
        Lane = new WorkLane(share);
        Batch = new EnvironmentBatch(plan.Task, plan.ToBatchOptions(), services.Simulator, services.Renderer);
        _requests = new RequestReader(plan, services);
        _pages = new ReplyBufferPool(shared);
        _replies = new ReplyWriter(Batch, _pages, services.Metrics);
        Window = new ReplayWindow(plan.ReplayWindow);
    }

    /// <summary>1, 2, 3, ... within the session.</summary>
    public uint Number { get; }

    /// <summary>The client's number for its opening; 0: none.</summary>
    public ulong CreateId { get; init; }

    /// <summary>Why it has no shared memory although it was asked for; empty: it was not, or it has.</summary>
    public string MemoryRefused { get; init; } = "";

    /// <summary>How it was opened.</summary>
    public EnvironmentPlan Plan { get; }

    /// <summary>Where its calls queue.</summary>
    public WorkLane Lane { get; }

    /// <summary>The episodes.</summary>
    public EnvironmentBatch Batch { get; }

    /// <summary>Recorded replies.</summary>
    public ReplayWindow Window { get; }

    /// <summary>Number of slots.</summary>
    public int Slots => Plan.Slots;

    /// <summary>Bytes of observations that it holds.</summary>
    public long BufferBytes => Plan.BufferBytes;

    /// <summary>What a client must know of it.</summary>
    public EnvironmentInfo Describe() => new()
    {
        Environment = Number,
        Task = Plan.Task.Spec.Id,
        Split = Plan.SplitName,
        Slots = (uint)Slots,
        Autoreset = Plan.Autoreset,
        LastStepId = Window.Last,
        IsReset = Enumerable.Range(0, Slots).All(Batch.IsOpen),
        OptionsJson = OptionsReader.Write(Plan.Options),
        ReplayWindow = (uint)Window.Capacity,
        Outcome = Plan.Outcome,
        MaxSteps = (uint)AttemptRule.MaxSteps(Plan.Task.Spec, Plan.Options),
    };

    /// <summary>Shared memory, for the reply to Create; null: none.</summary>
    public SharedMemory? DescribeMemory() => _shared?.Describe();

    /// <summary>Refuses calls to a closed environment.</summary>
    public void ThrowIfClosed()
    {
        if (_isClosed)
        {
            Throw.NotFound("environment", "ENVIRONMENT_CLOSED",
                $"Environment {Number} is closed. Create a new one.");
        }
    }

    /// <summary>Begins a reset.</summary>
    public IPendingWorlds BeginReset(ResetRequest request)
    {
        var mask = _requests.ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        var options = _requests.ReadOptions(request.OptionsJson);
        Batch.BeginReset(mask, _requests.ReadSeeds(request), options, KeepsTurns);
        _services.Metrics.Reset(_requests.Rows.Length);
        return Batch;
    }

    /// <summary>Begins a step.</summary>
    public IPendingWorlds BeginStep(StepRequest request)
    {
        var mask = _requests.ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        CheckHistory(Batch, _requests.Rows.Span, _observe);
        Batch.BeginStep(_requests.ReadActions(request), mask, _observe.ShowsScene, MayShowNext(request));
        _services.Metrics.Stepped(_requests.Rows.Length);
        return Batch;
    }

    /// <summary>Puts captured states into slots, and begins to settle what they show.</summary>
    public IPendingWorlds BeginRestore(RestoreRequest request, List<ReadOnlyMemory<byte>> states)
    {
        _requests.ReadMask(request.Mask);
        _observe = ReadObserve(request.Observe);
        var sources = _requests.ReadSources(request.Sources, states.Count);
        var rows = _requests.Rows.Span;
        if (_observe.History.KeepsTurns
            && !Array.TrueForAll(sources, at => EnvironmentBatch.KeepsTurns(states[at].Span)))
        {
            RefuseHistory("the captured state");
        }

        for (var row = 0; row < rows.Length; row++)
        {
            Batch.Restore(rows[row], states[sources[row]].Span);
        }

        return BeginOutcomes(rows, _observe);
    }

    /// <summary>Puts a slot into a state that was captured of it, and says nothing of it.</summary>
    public void Reopen(int slot, ReadOnlySpan<byte> state)
    {
        Batch.Restore(slot, state);
        _requests.ForgetCreateOptions(slot);
    }

    /// <summary>Writes and records the reply to a reset or restore.</summary>
    public ReplyBuffer FinishReset(ulong stepId)
    {
        _requests.ForgetCreateOptions();
        var page = _replies.Reset(stepId, _requests.Rows, _observe);
        Window.Add(stepId, page);
        return page;
    }

    /// <summary>Writes and records the reply to a step, with what the step after it gives if that is asked for.
    /// </summary>
    public ReplyBuffer FinishStep(StepRequest request)
    {
        var page = _replies.Step(request.StepId, _requests.Rows, _observe);
        Window.Add(request.StepId, page);
        if (MayShowNext(request))
        {
            ShowNext(page, request.StepId + 1);
        }

        return page;
    }

    /// <summary>Does the step that was shown ahead if a request comes that is numbered behind it; one that comes in
    /// its place forgets it.</summary>
    /// <param name="stepId">Of a request that changes something, or repeats one; 0: it has no number.</param>
    public void LeaveShown(ulong stepId)
    {
        if (_shownNext is not { } page || (stepId != 0 && stepId - page.Step!.StepId > 1))
        {
            return;
        }

        if (stepId > page.Step!.StepId)
        {
            Batch.Step(new SlotAction[Slots]);   // all begin their next episodes, whatever the actions are
            Window.Add(page.Step.StepId, page);
            _services.Metrics.Stepped(Slots);
        }

        _shownNext = null;
        page.Release();
    }

    /// <summary>Checks a request that shows slots as they are, and begins to settle what it shows.</summary>
    /// <returns>Worlds to simulate; the slots, and how they are shown.</returns>
    public (IPendingWorlds Worlds, int[] Slots, ObservationPlan Observe) BeginRender(RenderRequest request)
    {
        var slots = ReadSlots(request.Slots);
        var asked = request.Observe ?? s_picture;
        if (asked.Names.Count == 0)
        {
            asked = asked.Clone();
            asked.Names.Add(s_picture.Names);
        }

        var observe = Plan.ToObservationPlan(asked, _services.Quota.Limits, request.Outcome);
        CheckReplyBytes(observe, slots.Length, _shared, _services.Quota.Limits);
        CheckHistory(Batch, slots, observe);
        return (BeginOutcomes(slots, observe), slots, observe);
    }

    /// <summary>Draws slots as they are.</summary>
    public ReplyBuffer Render(int[] slots, ObservationPlan observe, RenderReply reply) =>
        _replies.Render(slots, observe, reply);

    /// <summary>Makes every slot equal to a slot of another environment, and begins to settle what they show.</summary>
    /// <param name="origin">Whose lane this runs in.</param>
    /// <param name="slots">Of the origin, one for each slot; null: they are equal already.</param>
    /// <param name="request">What the reply shows.</param>
    public IPendingWorlds BeginFork(HostedEnvironment origin, int[]? slots, ForkRequest request)
    {
        _requests.ReadMask(ByteString.Empty);
        _observe = ReadObserve(request.Observe);
        CheckHistory(origin.Batch, slots, _observe);
        for (var slot = 0; slot < slots?.Length; slot++)
        {
            Batch.Fork(slot, origin.Batch, slots[slot]);
        }

        return request.WithoutObservations ? Batch : BeginOutcomes(_requests.Rows.Span, _observe);
    }

    /// <summary>Begins episodes that will be asked for, until somebody waits.</summary>
    public void Prepare(Func<bool> isWanted)
    {
        if (!_isClosed && Slots <= MostPrepared)
        {
            Batch.PrepareAhead(isWanted);
        }
    }

    /// <summary>Slots by number, in the order of the request; all where it names none.</summary>
    public int[] ReadSlots(RepeatedField<uint> slots) => _requests.ReadSlots(slots);

    /// <summary>Refuses replies that no message can carry.</summary>
    public static void CheckReplyBytes(ObservationPlan plan, int rows, SharedBuffers? shared, LimitOptions limits)
    {
        var bytes = plan.TensorBytesPerRow * rows;
        if (bytes > limits.MaxMessageBytes && (shared is null || bytes > shared.BufferBytes))
        {
            Throw.OutOfRange("observe", $"{bytes} bytes for {rows} rows",
                $"one message carries {limits.MaxMessageBytes} bytes",
                $"Ask for smaller pictures or fewer slots, or raise {LimitOptions.Section}:MaxMessageBytes.");
        }
    }

    /// <summary>Closes it; calls that still wait are refused.</summary>
    public void Dispose()
    {
        if (_isClosed)
        {
            return;
        }

        _isClosed = true;
        if (_shared is not null)
        {
            // A call may be drawing into the memory right now, so it is unmapped in the lane's own order.
            _shared.Unlink();
            _services.Scheduler.Submit(new UnmapWork(Lane, _shared));
        }
    }

    private bool MayShowNext(StepRequest request) => request.ShowsNext && request.StepId != 0
        && request.Observe is null && Plan.Autoreset == PhysIntuition.V1.AutoresetMode.NextStep && !KeepsTurns
        && _requests.Rows.Length == Slots
        && 2 * _observe.TensorBytesPerRow * Slots <= _services.Quota.Limits.MaxMessageBytes;

    private void ShowNext(ReplyBuffer page, ulong stepId)
    {
        try
        {
            _ = Batch.TryShowNext(next =>
            {
                _nextReplies ??= new ReplyWriter(next, _pages, _services.Metrics);
                _shownNext = _nextReplies.Step(stepId, _requests.Rows, _observe);
                _shownNext.Hold();
                page.ShowNext(_shownNext);
            });
        }
        catch
        {
            page.Release();
            throw;
        }
    }

    // A call that shows less for once does not end what Create wants to see.
    private bool KeepsTurns => _observe.History.KeepsTurns || Plan.Observe.History.KeepsTurns;

    private static void CheckHistory(EnvironmentBatch batch, ReadOnlySpan<int> slots, ObservationPlan observe)
    {
        foreach (var slot in slots)
        {
            if (observe.History.KeepsTurns && batch.IsOpen(slot) && !batch.KeepsTurns(slot))
            {
                RefuseHistory($"slot {slot}");
            }
        }
    }

    private static void RefuseHistory(string place) => Throw.OutOfOrder("observe.history", "OUT_OF_ORDER",
        $"'observe.history' asks for earlier turns, but {place} has kept none. Ask for them in Create or with the "
        + "Reset that starts the episode.");

    private EnvironmentBatch BeginOutcomes(ReadOnlySpan<int> slots, ObservationPlan observe)
    {
        if (observe.ShowsScene)
        {
            Batch.BeginOutcomes(slots, observe.Outcome);
        }

        return Batch;
    }

    private ObservationPlan ReadObserve(ObservationRequest? request)
    {
        var observe = request is null ? Plan.Observe : Plan.ToObservationPlan(request, _services.Quota.Limits);
        CheckReplyBytes(observe, _requests.Rows.Length, _shared, _services.Quota.Limits);
        return observe;
    }

    private sealed class UnmapWork(WorkLane lane, SharedBuffers shared) : Work(lane, 1, CancellationToken.None)
    {
        public override IPendingWorlds? Begin() => null;

        public override void Finish() => shared.Dispose();

        public override void Done()
        {
        }

        public override void Failed(Exception failure) => shared.Dispose();
    }
}
