using System.Security.Cryptography;
using Google.Protobuf;
using PhysIntuition.Environments.Batches;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Server.Faults;
using PhysIntuition.Server.Options;
using PhysIntuition.Server.Scheduling;
using PhysIntuition.V1;
using AutoresetMode = PhysIntuition.V1.AutoresetMode;

namespace PhysIntuition.Server.Batches;

/// <summary>An open environment: a batch, its reply memory, and the numbers of the requests that changed it.</summary>
/// <remarks>Calls reach it through its lane, one at a time; only closing may come from anywhere.</remarks>
internal sealed partial class HostedEnvironment : IDisposable
{
    private readonly EnvironmentServices _services;
    private readonly SharedBuffers? _shared;
    private readonly PagePool _pages;
    private readonly ObservationWriter _writer;
    private readonly bool[] _isOpen;
    private volatile bool _isClosed;

    public HostedEnvironment(
        uint number, EnvironmentPlan plan, WorkShare share, SharedBuffers? shared, EnvironmentServices services)
    {
        (Number, Plan, _shared, _services) = (number, plan, shared, services);
        Lane = new WorkLane(share);
        Batch = new EnvironmentBatch(plan.Task, plan.ToBatchOptions(), services.Simulator, services.Renderer);
        _pages = new PagePool(shared);
        _writer = new ObservationWriter(Batch, services.Metrics);
        Window = new ReplayWindow(plan.ReplayWindow);
        _isOpen = new bool[plan.Slots];
        _rows = new int[plan.Slots];
        _actions = new SlotAction[plan.Slots];
        _seeds = new ulong[plan.Slots];
        if (plan.SlotOptions.Count > 0)
        {
            _pendingOptions = [.. plan.SlotOptions];
        }
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
        IsReset = !_isOpen.AsSpan().Contains(false),
        OptionsJson = OptionsReader.Write(Plan.Options),
        ReplayWindow = (uint)Window.Capacity,
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
