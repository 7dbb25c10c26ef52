using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Options;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Simulation;
using PhysIntuition.Simulation.Random;

namespace PhysIntuition.Environments.Batches;

/// <summary>Episodes of one task side by side, one per slot. One slot makes a single environment.</summary>
/// <remarks>
/// Every call has a plain form that does everything, and a form in two phases that leaves the simulation to a
/// scheduler: Begin..., then simulate <see cref="Pending"/> and <see cref="Resume"/> until that returns true.
/// Not thread-safe; batches are independent of each other. A refused call changes nothing, but for one that finds no
/// scene: it leaves each slot with its next episode or its last.
/// </remarks>
public sealed partial class EnvironmentBatch : IPendingWorlds
{
    private const ulong SlotStream = 0x5107;   // keeps slots' streams apart from every scene's

    private readonly Slot[] _slots;
    private readonly List<Trial> _pending = [];
    private readonly WorldRunner _runner;
    private readonly IRenderer? _renderer;
    private bool _isBusy;

    /// <summary>Opens a batch; <see cref="Reset(ulong)"/> gives it its first episodes.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="options">How many slots, where scenes come from, when they give way.</param>
    /// <param name="simulator">Decides outcomes; may be shared.</param>
    /// <param name="renderer">Draws pictures; null where nobody asks for any.</param>
    /// <exception cref="PhysIntuitionException">An option is out of range.</exception>
    public EnvironmentBatch(ITask task, BatchOptions options, ISimulator simulator, IRenderer? renderer = null)
    {
        if (options.Slots is < 1 or > BatchOptions.MaxSlots)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"'slots' is {options.Slots}; it must lie in [1, {BatchOptions.MaxSlots}]. Open several batches for "
                    + $"more.");
        }

        if (!task.Spec.Splits.Contains(options.Split))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "split",
                $"'split' is {options.Split}; {task.Spec.Id} has {string.Join(", ", task.Spec.Splits)}. Choose one "
                    + $"of these.");
        }

        Task = task;
        Options = options;
        var taskOptions = options.Task ?? OptionsReader.DefaultsOf(task.Spec);
        OptionsReader.Check(task.Spec, taskOptions);
        _runner = new WorldRunner(simulator);
        _renderer = renderer;
        _slots = new Slot[options.Slots];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new Slot(taskOptions) { Stream = new RandomStream(options.Seed + (ulong)i, SlotStream) };
        }

        Results = new StepResults(options.Slots);
    }

    /// <summary>What is asked.</summary>
    public ITask Task { get; }

    /// <summary>How the batch was set up.</summary>
    public BatchOptions Options { get; }

    /// <summary>Number of slots.</summary>
    public int Slots => _slots.Length;

    /// <summary>What the last Reset or Step gave.</summary>
    public StepResults Results { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Trial> Pending => _pending;

    /// <summary>Counts candidates from now on when set; null counts nothing.</summary>
    public DraftReport? Report { get; set; }

    /// <summary>Resets every slot; slot i takes <paramref name="seed"/> + i.</summary>
    public void Reset(ulong seed)
    {
        Span<ulong> seeds = Slots <= 256 ? stackalloc ulong[Slots] : new ulong[Slots];
        for (var i = 0; i < seeds.Length; i++)
        {
            seeds[i] = seed + (ulong)i;
        }

        Reset(default, seeds);
    }

    /// <summary>Resets slots and simulates to the end.</summary>
    /// <inheritdoc cref="BeginReset"/>
    public void Reset(
        ReadOnlySpan<bool> mask, ReadOnlySpan<ulong> seeds, IReadOnlyList<TaskOptions?>? options = null)
    {
        BeginReset(mask, seeds, options);
        _runner.Run(this);
    }

    /// <summary>Begins to reset slots; simulate and <see cref="Resume"/> until done.</summary>
    /// <param name="mask">bool[slots]: which slots; empty means all. The others keep their episodes.</param>
    /// <param name="seeds">uint64[slots], read where the mask is set; empty lets each slot's stream go on.</param>
    /// <param name="options">One per slot, null keeps the slot's own; null keeps all. Stay in force afterwards.</param>
    /// <exception cref="PhysIntuitionException">A length, seed or option is wrong.</exception>
    public void BeginReset(
        ReadOnlySpan<bool> mask, ReadOnlySpan<ulong> seeds, IReadOnlyList<TaskOptions?>? options = null)
    {
        CheckIdle();
        CheckLength("mask", mask.Length, allowsEmpty: true);
        CheckLength("seeds", seeds.Length, allowsEmpty: true);
        CheckReset(mask, seeds, options);
        for (var i = 0; i < _slots.Length; i++)
        {
            ClearSlot(i);
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            var slot = _slots[i];
            slot.Options = options?[i] ?? slot.Options;
            if (!seeds.IsEmpty)
            {
                slot.Stream = new RandomStream(seeds[i], SlotStream);
            }

            BeginDraft(i, seeds.IsEmpty ? slot.NextSeed(Options.Split) : seeds[i]);
        }

        CollectPending();
    }

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">A slot's options leave no scene; the batch is idle.</exception>
    public bool Resume()
    {
        try
        {
            ResumeSlots();
        }
        catch
        {
            _pending.Clear();
            _isBusy = false;
            throw;
        }

        CollectPending();

        return _pending.Count == 0;
    }

    private void ResumeSlots()
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            switch (_slots[i].Phase)
            {
                case Phase.Drafting:
                    ContinueDraft(i, Task.Review(_slots[i].Draft));
                    break;
                case Phase.Judging:
                    FinishStep(i);
                    break;
            }
        }
    }

    // A call that failed may have left the slot waiting.
    private void ClearSlot(int index)
    {
        ClearResult(index);
        _slots[index].Phase = Phase.Idle;
    }

    private void CheckReset(ReadOnlySpan<bool> mask, ReadOnlySpan<ulong> seeds, IReadOnlyList<TaskOptions?>? options)
    {
        if (options is not null)
        {
            CheckLength("options", options.Count, allowsEmpty: false);
        }

        for (var i = 0; i < _slots.Length; i++)
        {
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            if (options?[i] is { } own && !ReferenceEquals(own, _slots[i].Options))
            {
                OptionsReader.Check(Task.Spec, own);
            }

            if (!seeds.IsEmpty)
            {
                _ = SceneSeed.Of(Task.Spec.Id, Options.Split, seeds[i]);
            }
        }
    }

    private void BeginDraft(int index, ulong seed)
    {
        var slot = _slots[index];
        slot.Draft.Report = Report;
        slot.Draft.Begin(Task.Spec.Id, slot.Options, Options.Split, seed);
        ContinueDraft(index, Task.Arrange(slot.Draft));
    }

    private void ContinueDraft(int index, DraftStep step)
    {
        var slot = _slots[index];
        step = Drafting.Continue(Task, slot.Draft, step);
        if (step == DraftStep.Simulate)
        {
            slot.Phase = Phase.Drafting;
            return;
        }

        Report?.CountAccepted();
        (slot.Episode, slot.Draft.Episode) = (slot.Draft.Episode, slot.Episode);
        (slot.IsOpen, slot.IsDone, slot.HasAfter, slot.Phase) = (true, false, false, Phase.Idle);
        ShowEpisode(index);
    }

    private void CollectPending()
    {
        _pending.Clear();
        foreach (var slot in _slots)
        {
            var trials = slot.Phase switch
            {
                Phase.Drafting => slot.Draft.Trials,
                Phase.Judging => slot.Turn.Trials,
                _ => null,
            };
            for (var i = 0; i < trials?.Count; i++)
            {
                _pending.Add(trials[i]);
            }
        }

        _isBusy = _pending.Count > 0;
    }

    private void CheckIdle()
    {
        if (_isBusy)
        {
            throw new PhysIntuitionException(Fault.OutOfOrder, "batch",
                "The batch is in the middle of another call; resume that one to its end first.");
        }
    }

    private void CheckLength(string field, int length, bool allowsEmpty)
    {
        if (length != Slots && !(allowsEmpty && length == 0))
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, field,
                $"'{field}' has {length} entries; the batch has {Slots} slots. Send one entry per slot.");
        }
    }
}
