using System.Buffers;

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
    private readonly Answer[] _answers;
    private readonly List<Counterfactual> _pending = [];
    private readonly EpisodeSource _source;
    private readonly AnswerJudge _judge;
    private readonly WorldRunner _runner;
    private bool _isBusy;
    private bool _showsOutcomes;

    /// <summary>Opens a batch; <see cref="Reset(ulong)"/> gives it its first episodes.</summary>
    /// <param name="task">What is asked.</param>
    /// <param name="options">How many slots, where scenes come from, when they give way.</param>
    /// <param name="simulator">Decides outcomes; may be shared.</param>
    /// <param name="renderer">Draws pictures; null where nobody asks for any.</param>
    /// <exception cref="PhysIntuitionException">An option is out of range.</exception>
    public EnvironmentBatch(ITask task, BatchOptions options, ISimulator simulator, IRenderer? renderer = null)
    {
        BatchChecks.Options(task.Spec, options);
        (Task, Options, Renderer) = (task, options, renderer);
        var taskOptions = options.Task ?? OptionsReader.DefaultsOf(task.Spec);
        BatchChecks.Options(this, taskOptions);
        _runner = new WorldRunner(simulator);
        _answers = new Answer[options.Slots];
        _slots = new Slot[options.Slots];
        for (var i = 0; i < _slots.Length; i++)
        {
            _slots[i] = new Slot(task.Spec, taskOptions)
            {
                Stream = new RandomStream(options.Seed + (ulong)i, SlotStream),
            };
        }

        Results = new StepResults(options.Slots, IsWithheld);
        _source = new EpisodeSource(task, options.Split, _slots);
        _judge = new AnswerJudge(task, Results);
        View = new BatchView(this, _slots, renderer is null ? null : new BatchPainter(task, renderer));
    }

    /// <summary>What is asked.</summary>
    public ITask Task { get; }

    /// <summary>How the batch was set up.</summary>
    public BatchOptions Options { get; }

    /// <summary>Number of slots.</summary>
    public int Slots => _slots.Length;

    /// <summary>What the last Reset or Step gave.</summary>
    public StepResults Results { get; }

    /// <summary>What can be seen of the episodes.</summary>
    public BatchView View { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Counterfactual> Pending => _pending;

    /// <summary>Counts candidates from now on when set; null counts nothing.</summary>
    public DraftReport? Report { get => _source.Report; set => _source.Report = value; }

    /// <summary>Decides outcomes.</summary>
    internal ISimulator Simulator => _runner.Simulator;

    /// <summary>Draws pictures, if any are drawn.</summary>
    internal IRenderer? Renderer { get; }

    /// <summary>Whether nothing may be told that gives labels away.</summary>
    internal bool IsWithheld => Options.Split == Split.Heldout || Options.Disclosure == Disclosure.Withheld;

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
    /// <param name="keepsTurns">Keep the turns of the chat from now on, so that <see cref="ChatMessages"/> can show
    /// earlier ones.</param>
    /// <exception cref="PhysIntuitionException">A length, seed or option is wrong.</exception>
    public void BeginReset(
        ReadOnlySpan<bool> mask, ReadOnlySpan<ulong> seeds, IReadOnlyList<TaskOptions?>? options = null,
        bool keepsTurns = false)
    {
        CheckIdle();
        BatchChecks.Reset(this, mask, seeds, options);
        Clear();
        for (var i = 0; i < _slots.Length; i++)
        {
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            var slot = _slots[i];
            (slot.Options, slot.KeepsTurns) = (options?[i] ?? slot.Options, keepsTurns);
            if (!seeds.IsEmpty)
            {
                slot.Stream = new RandomStream(seeds[i], SlotStream);
            }

            BeginEpisode(i, seeds.IsEmpty ? null : seeds[i]);
        }

        CollectPending();
    }

    /// <summary>Takes one action per slot and simulates to the end.</summary>
    /// <inheritdoc cref="BeginStep"/>
    public void Step(ReadOnlySpan<SlotAction> actions, ReadOnlySpan<bool> mask = default)
    {
        BeginStep(actions, mask);
        _runner.Run(this);
    }

    /// <summary>Begins a step; simulate and <see cref="Resume"/> until done.</summary>
    /// <param name="actions">SlotAction[slots], read where the mask is set.</param>
    /// <param name="mask">bool[slots]: which slots; empty means all. The others stay as they are.</param>
    /// <param name="showsOutcomes">Settle at once what is to be seen of answers; else whoever looks first does.</param>
    /// <param name="showsNext">Have each slot's next episode ready afterwards, for <see cref="TryShowNext"/>.</param>
    /// <exception cref="PhysIntuitionException">
    /// The number of actions, a number or its range is wrong, or a slot has no running episode.
    /// Text that cannot be read is no error: it is scored, and <see cref="StepResults.ParseErrors"/> says why.
    /// </exception>
    public void BeginStep(
        ReadOnlySpan<SlotAction> actions, ReadOnlySpan<bool> mask = default, bool showsOutcomes = false,
        bool showsNext = false)
    {
        CheckIdle();
        BatchChecks.Length("actions", actions.Length, Slots, allowsEmpty: false);
        BatchChecks.Length("mask", mask.Length, Slots, allowsEmpty: true);
        for (var i = 0; i < _slots.Length; i++)
        {
            _answers[i] = mask.IsEmpty || mask[i] ? ReadAction(i, actions[i]) : default;
        }

        Clear();
        (_showsOutcomes, _showsNext) = (showsOutcomes && !IsWithheld, showsNext);
        for (var i = 0; i < _slots.Length; i++)
        {
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            if (_slots[i].IsDone)
            {
                BeginEpisode(i, null);
            }
            else
            {
                BeginAnswer(i, actions[i]);
            }
        }

        CollectPending();
    }

    /// <summary>Begins to settle what came of answers; simulate and <see cref="Resume"/> until done.</summary>
    /// <param name="slots">Those that will be shown; repetition allowed. Nothing is simulated twice.</param>
    /// <param name="shown">What is shown of ended episodes; of those that go on it is always the outcome.</param>
    public void BeginOutcomes(ReadOnlySpan<int> slots, TerminalView shown = TerminalView.Settled)
    {
        CheckIdle();
        foreach (var index in slots)
        {
            if (!IsWithheld && (_slots[index].IsDone || Results.HasFinal[index]
                ? shown == TerminalView.Settled : _slots[index].IsAnswered))
            {
                _judge.BeginOutcome(_slots[index]);
            }
        }

        CollectPending();
    }

    /// <inheritdoc/>
    public int AddAhead(int worlds)
    {
        var needed = _pending.Count;
        _source.AddAhead(_pending, needed + worlds);

        return _pending.Count - needed;
    }

    /// <inheritdoc/>
    /// <exception cref="PhysIntuitionException">A slot's options leave no scene; the batch is idle.</exception>
    public bool Resume()
    {
        _source.ContinueAhead();
        try
        {
            for (var i = 0; i < _slots.Length; i++)
            {
                ResumeSlot(i);
            }
        }
        catch
        {
            Abandon();
            throw;
        }

        CollectPending();

        return _pending.Count == 0;
    }

    /// <summary>Gives up a call whose worlds could not be simulated: each slot has its next episode or its
    /// last.</summary>
    public void Abandon()
    {
        foreach (var slot in _slots)
        {
            _source.Abandon(slot);
            slot.Phase = AnswerPhase.Idle;
        }

        _source.AbandonAhead();

        _pending.Clear();
        _isBusy = _showsNext = false;
    }

    /// <summary>Writes a slot's whole state: episode, random stream, options. About 100 bytes a body.</summary>
    /// <param name="slot">Index of the slot; between calls, and with an episode.</param>
    /// <param name="target">Receives the bytes. They hold the labels: sign and encrypt before they leave the
    /// server.</param>
    public void Capture(int slot, IBufferWriter<byte> target)
    {
        CheckIdle();
        _ = View.EpisodeAt(slot);
        SlotFile.Write(_slots[slot], Task.Spec, target);
    }

    /// <summary>Puts a captured state into a slot, of this or another batch of the same task and split.</summary>
    /// <exception cref="PhysIntuitionException">The bytes are damaged, or of another task, split or
    /// version.</exception>
    public void Restore(int slot, ReadOnlySpan<byte> source)
    {
        CheckIdle();
        BatchChecks.Index(slot, Slots);
        SlotFile.Read(_slots[slot], Task.Spec, Options.Split, source);
        _source.Forget(_slots[slot]);
        Results.Clear(slot);
        Results.SetEpisode(slot, _slots[slot].Episode);
    }

    /// <summary>Makes a slot equal to a slot of this or another batch of the same task and split.</summary>
    /// <param name="slot">Overwritten.</param>
    /// <param name="origin">The batch to copy from; may be this one.</param>
    /// <param name="originSlot">The slot to copy from; stays as it is.</param>
    public void Fork(int slot, EnvironmentBatch origin, int originSlot)
    {
        CheckIdle();
        origin.CheckIdle();
        BatchChecks.Index(slot, Slots);
        _ = origin.View.EpisodeAt(originSlot);
        if (origin.Task.Spec.Id != Task.Spec.Id || origin.Options.Split != Options.Split)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "slots",
                $"A slot of {origin.Task.Spec.Id} ({origin.Options.Split}) cannot go on in a batch of {Task.Spec.Id} "
                + $"({Options.Split}). Fork into a batch of the same task and split.");
        }

        _slots[slot].CopyFrom(origin._slots[originSlot]);
        _source.Forget(_slots[slot]);
        Results.Clear(slot);
        Results.SetEpisode(slot, _slots[slot].Episode);
    }

    /// <summary>Whether the turns of a slot's chat are kept, so that earlier ones can be shown.</summary>
    public bool KeepsTurns(int slot) => _slots[slot].KeepsTurns;

    /// <summary>The same of a captured state.</summary>
    public static bool KeepsTurns(ReadOnlySpan<byte> state) => SlotFile.KeepsTurns(state);

    /// <summary>Whether a slot has an episode.</summary>
    public bool IsOpen(int slot) => _slots[slot].IsOpen;

    /// <summary>Whether a slot's episode has ended.</summary>
    public bool IsDone(int slot) => _slots[slot].IsDone;

    /// <summary>Finds the slots whose episode takes another answer: the mask of the next step.</summary>
    /// <param name="mask">bool[slots]; overwritten.</param>
    /// <returns>Whether there is one. Episodes of one task may end after different numbers of steps.</returns>
    public bool FindRunning(Span<bool> mask)
    {
        for (var i = 0; i < _slots.Length; i++)
        {
            mask[i] = _slots[i].IsOpen && !_slots[i].IsDone;
        }

        return mask.Contains(true);
    }

    /// <summary>True reward of the last step, whatever is disclosed: for whoever scores held-out runs.</summary>
    public double TrueReward(int slot) => _slots[slot].TrueReward;

    /// <summary>Outcome hash of the last step, whatever is disclosed: for whoever scores held-out runs.</summary>
    public ulong TrueOutcomeHash(int slot) => _slots[slot].TrueOutcomeHash;

    /// <summary>The episode, whatever is disclosed: for whoever scores held-out runs or plays them as a
    /// baseline.</summary>
    public Episode EpisodeFor(int slot) => View.EpisodeAt(slot);

    /// <summary>Options of a slot's next episodes.</summary>
    internal TaskOptions OptionsOf(int slot) => _slots[slot].Options;

    /// <summary>Settles what came of answers at once, where that is still missing.</summary>
    internal void Settle(ReadOnlySpan<int> slots, TerminalView shown)
    {
        BeginOutcomes(slots, shown);
        _runner.Run(this);
    }

    /// <summary>Refuses what has to wait for the end of a call that is under way.</summary>
    internal void CheckIdle()
    {
        if (_isBusy)
        {
            throw new PhysIntuitionException(Fault.OutOfOrder, "batch",
                "The batch is in the middle of another call; resume that one to its end first.");
        }
    }

    /// <summary>Reads an action for a slot's running episode.</summary>
    /// <param name="slot">Whose episode.</param>
    /// <param name="row">Index to name in errors.</param>
    /// <param name="action">Text or numbers.</param>
    internal Answer ReadAnswer(int slot, int row, in SlotAction action) =>
        ActionReader.Read(Task, _slots[slot].Episode, row, action);

    private Answer ReadAction(int index, in SlotAction action)
    {
        var slot = _slots[index];
        if (!slot.IsOpen)
        {
            throw new PhysIntuitionException(Fault.OutOfOrder, "actions",
                $"Slot {index} has no episode yet; call Reset before Step.");
        }

        if (slot.IsDone)
        {
            return Options.Autoreset != AutoresetMode.Disabled ? default : throw new PhysIntuitionException(
                Fault.OutOfOrder, "actions",
                $"The episode of slot {index} has ended and autoreset is disabled; reset the slot first.");
        }

        return ActionReader.Read(Task, slot.Episode, index, action);
    }

    // Without a seed the slot's own stream goes on.
    private void BeginEpisode(int index, ulong? seed)
    {
        var slot = _slots[index];
        slot.ClearOutcome();
        ShowIfReady(index, seed is { } given ? _source.Begin(slot, given) : _source.BeginNext(slot));
    }

    private void ShowIfReady(int index, bool isReady)
    {
        if (isReady)
        {
            Results.SetEpisode(index, _slots[index].Episode);
        }
    }

    private void BeginAnswer(int index, in SlotAction action)
    {
        if (_slots[index].KeepsTurns)
        {
            View.KeepTurn(index, action);
        }

        if (_judge.Begin(_slots[index], _answers[index]))
        {
            EndAnswer(index);
        }
    }

    private void EndAnswer(int index)
    {
        var slot = _slots[index];
        _judge.Judge(slot, index);
        var isShown = slot.IsDone
            ? _showsOutcomes && Options.Outcome == TerminalView.Settled
            : slot.IsAnswered && !IsWithheld && (_showsOutcomes || slot.KeepsTurns);
        if (isShown)
        {
            _judge.BeginOutcome(slot);
        }

        if (slot.IsDone && Options.Autoreset == AutoresetMode.SameStep)
        {
            (slot.Final, slot.Episode) = (slot.Episode, slot.Final);
            slot.Context.Episode = slot.Final;
            Results.SetFinal(index, slot.Final);
            ShowIfReady(index, _source.BeginNext(slot));
        }
        else
        {
            Results.SetEpisode(index, slot.Episode);
        }
    }

    // A slot may wait for its next scene and for the outcome of its last one at the same time.
    private void ResumeSlot(int index)
    {
        var slot = _slots[index];
        if (slot.SceneBuilder is not null)
        {
            ShowIfReady(index, _source.Continue(slot));
        }

        switch (slot.Phase)
        {
            case AnswerPhase.Judging:
                EndAnswer(index);
                break;
            case AnswerPhase.Settling:
                _judge.EndOutcome(slot);
                break;
        }
    }

    private void CollectPending()
    {
        _pending.Clear();
        foreach (var slot in _slots)
        {
            slot.SceneBuilder?.Counterfactuals.AddTo(_pending);
            if (slot.Phase != AnswerPhase.Idle)
            {
                slot.Context.Counterfactuals.AddTo(_pending);
            }
        }

        if (_showsNext)
        {
            _source.AddNext(_pending);
        }

        _isBusy = _pending.Count > 0;
        _showsNext &= _isBusy;
    }

    // Also of the slots that do not take part: what a call says of them is that nothing happened.
    private void Clear()
    {
        _showsNext = false;
        for (var i = 0; i < _slots.Length; i++)
        {
            Results.Clear(i);
            (_slots[i].Phase, _slots[i].TrueReward, _slots[i].TrueOutcomeHash) = (AnswerPhase.Idle, 0, 0);
            _source.Abandon(_slots[i]);   // a call that was refused may have left the slot waiting
        }
    }
}
