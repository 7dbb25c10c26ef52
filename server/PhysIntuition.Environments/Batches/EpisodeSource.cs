namespace PhysIntuition.Environments.Batches;

/// <summary>Leads slots to their next episodes: one candidate scene after another until the task accepts one.</summary>
/// <remarks>
/// Where a simulation has lanes to spare, episodes that slots will come to by their own streams of seeds are led
/// along. That changes no episode, for each is a function of task, options, split and seed.
/// </remarks>
internal sealed class EpisodeSource(ITask task, Split split, Slot[] slots)
{
    private const int FewestAhead = 32;   // in a batch: what keeps sixteen lanes of two threads busy
    private const int MostTwice = 1024;   // slots above which one episode ahead of each is enough, and memory counts

    private readonly Stack<SceneBuilder> _free = [];
    private readonly List<SceneBuilder> _ahead = [];   // begun before they are asked for, and waiting for simulation
    private readonly int _window = Math.Max(slots.Length > MostTwice ? 1 : 2, FewestAhead / slots.Length);
    private int _simulated;   // so many of them, the first ones, are being simulated
    private int _last;        // the slot for which one was begun last

    /// <summary>Counts candidates when set; then nothing is begun before it is asked for.</summary>
    public DraftReport? Report { get; set; }

    /// <summary>Begins the scene of a given seed.</summary>
    /// <returns>Whether the slot has its episode; else the trials of its draft are to be simulated.</returns>
    /// <exception cref="PhysIntuitionException">The options leave no scene.</exception>
    public bool Begin(Slot slot, ulong seed)
    {
        Forget(slot);
        return BeginFresh(slot, seed);
    }

    /// <summary>Begins the scene of the next seed of the slot's own.</summary>
    /// <inheritdoc cref="Begin"/>
    public bool BeginNext(Slot slot)
    {
        var seed = Slot.NextSeed(ref slot.Stream, split);
        var ahead = AheadOf(slot, seed);
        ahead.Widen(_window);
        if (ahead.Peek() is not { } draft)
        {
            ahead.Stream = slot.Stream;
            return BeginFresh(slot, seed);
        }

        ahead.Take();
        var state = draft.Ahead;
        (slot.SceneBuilder, draft.Ahead) = (draft, AheadState.None);

        return state == AheadState.Ready && Install(slot);
    }

    /// <summary>Goes on once the draft's trials are simulated.</summary>
    /// <inheritdoc cref="Begin"/>
    public bool Continue(Slot slot) => GoOn(slot, task.Review(slot.SceneBuilder!));

    /// <summary>Adds worlds of episodes that will be asked for.</summary>
    /// <param name="pending">Added to.</param>
    /// <param name="limit">Worlds after which no further episode is added.</param>
    public void AddAhead(List<Counterfactual> pending, int limit)
    {
        ForgetTaken();
        while (_simulated < _ahead.Count && pending.Count < limit)
        {
            _ahead[_simulated++].Counterfactuals.AddTo(pending);
        }

        for (var idle = 0; idle < slots.Length && pending.Count < limit && Report is null; idle++)
        {
            _last = (_last + 1) % slots.Length;
            if (BeginAhead(slots[_last]))
            {
                idle = -1;
            }

            AddBegun(pending);
        }
    }

    /// <summary>Begins the next episode of each slot, and adds the worlds that they want.</summary>
    /// <param name="pending">Added to.</param>
    public void AddNext(List<Counterfactual> pending)
    {
        ForgetTaken();
        foreach (var slot in slots)
        {
            _ = FindNext(slot);
        }

        AddBegun(pending);
    }

    /// <summary>Begins episodes that will be asked for, while nobody waits; ends with one that wants
    /// simulation.</summary>
    /// <param name="isWanted">Whether somebody waits.</param>
    public void Prepare(Func<bool> isWanted)
    {
        ForgetTaken();
        var waiting = _ahead.Count;
        for (var idle = 0; idle < slots.Length && _ahead.Count == waiting && Report is null && !isWanted(); idle++)
        {
            _last = (_last + 1) % slots.Length;
            if (BeginAhead(slots[_last]))
            {
                idle = -1;
            }
        }
    }

    /// <summary>Begins the episode that <see cref="BeginNext"/> comes to, unless it is begun.</summary>
    /// <returns>The episode in the making; null: it wants simulation, or there is none.</returns>
    public SceneBuilder? FindNext(Slot slot)
    {
        var stream = slot.Stream;
        var ahead = AheadOf(slot, Slot.NextSeed(ref stream, split));
        if (ahead.Peek() is null)
        {
            ahead.Stream = slot.Stream;
            ahead.Widen(_window);
            if (Report is not null || !BeginAhead(slot))
            {
                return null;
            }
        }

        return ahead.Peek() is { Ahead: AheadState.Ready } draft ? draft : null;
    }

    /// <summary>Goes on with the episodes whose worlds were added and simulated.</summary>
    public void ContinueAhead()
    {
        for (var i = 0; i < _simulated; i++)
        {
            var draft = _ahead[i];
            try
            {
                GoOn(draft, task.Review(draft));
            }
            catch (PhysIntuitionException)
            {
                draft.Ahead = AheadState.Lost;   // whoever asks for this seed is told
            }
        }

        _simulated = 0;
    }

    /// <summary>Gives up the scene that a slot waits for, if it does.</summary>
    public void Abandon(Slot slot)
    {
        if (slot.SceneBuilder is { } draft)
        {
            slot.SceneBuilder = null;
            _free.Push(draft);
        }
    }

    /// <summary>Gives up what was added by <see cref="AddAhead"/> and not simulated.</summary>
    public void AbandonAhead()
    {
        for (; _simulated > 0; _simulated--)
        {
            _ahead[_simulated - 1].Ahead = AheadState.Lost;
        }
    }

    /// <summary>Gives up what was begun for a slot before it was asked for.</summary>
    public void Forget(Slot slot)
    {
        while (slot.Ahead?.Peek() is { } draft)
        {
            slot.Ahead.Take();
            draft.Ahead = AheadState.None;
            _free.Push(draft);
        }

        slot.Ahead?.Close();
    }

    // What was begun for a slot, if the first of it has the seed that is asked for; else nothing.
    private ReadAhead AheadOf(Slot slot, ulong seed)
    {
        var ahead = slot.Ahead ??= new ReadAhead();
        if (ahead.Peek() is { } other && !other.Fits(seed, slot.Options))
        {
            Forget(slot);
        }

        return ahead;
    }

    private void AddBegun(List<Counterfactual> pending)
    {
        for (; _simulated < _ahead.Count; _simulated++)
        {
            _ahead[_simulated].Counterfactuals.AddTo(pending);
        }
    }

    // Drafts that were asked for meanwhile, or given up.
    private void ForgetTaken() => _ahead.RemoveAll(static draft => draft.Ahead != AheadState.UnderWay);

    private bool BeginFresh(Slot slot, ulong seed)
    {
        slot.SceneBuilder = Rent();
        slot.SceneBuilder.Report = Report;
        slot.SceneBuilder.Begin(task.Spec.Id, slot.Options, split, seed);

        return GoOn(slot, task.Arrange(slot.SceneBuilder));
    }

    private SceneBuilder Rent() => _free.TryPop(out var draft) ? draft : new SceneBuilder();

    private bool GoOn(Slot slot, BuildStep step) =>
        Drafting.Continue(task, slot.SceneBuilder!, step) == BuildStep.Accepted && Install(slot);

    private void GoOn(SceneBuilder draft, BuildStep step) => draft.Ahead =
        Drafting.Continue(task, draft, step) == BuildStep.Accepted ? AheadState.Ready : AheadState.UnderWay;

    private bool Install(Slot slot)
    {
        Report?.CountAccepted();
        (slot.Episode, slot.SceneBuilder!.Episode) = (slot.SceneBuilder.Episode, slot.Episode);
        (slot.IsOpen, slot.IsDone) = (true, false);
        Abandon(slot);

        return true;
    }

    private bool BeginAhead(Slot slot)
    {
        if (slot.Ahead is not { HasRoom: true } ahead)
        {
            return false;
        }

        var draft = Rent();
        draft.Report = null;
        draft.Begin(task.Spec.Id, slot.Options, split, Slot.NextSeed(ref ahead.Stream, split));
        try
        {
            GoOn(draft, task.Arrange(draft));
        }
        catch (PhysIntuitionException)
        {
            _free.Push(draft);   // whoever asks for this seed is told
            ahead.Close();
            return false;
        }

        ahead.Add(draft);
        if (draft.Ahead == AheadState.UnderWay)
        {
            _ahead.Add(draft);
        }

        return true;
    }
}

/// <summary>The next episodes of one slot's own stream of seeds, in order, begun before they are asked for.</summary>
/// <remarks>As a disk reads ahead: whoever takes one episode after the other has twice as many begun each time; a seed
/// that is given ends it.</remarks>
internal sealed class ReadAhead
{
    private readonly Queue<SceneBuilder> _drafts = [];
    private int _window;

    /// <summary>Gives the seeds of the episodes that are not begun yet.</summary>
    public RandomStream Stream;

    /// <summary>Whether another episode may be begun.</summary>
    public bool HasRoom => _drafts.Count < _window;

    /// <summary>The first episode; null: none is begun.</summary>
    public SceneBuilder? Peek() => _drafts.TryPeek(out var draft) ? draft : null;

    /// <summary>Adds the episode that comes after those begun.</summary>
    public void Add(SceneBuilder draft) => _drafts.Enqueue(draft);

    /// <summary>Takes the first episode.</summary>
    public void Take() => _drafts.Dequeue();

    /// <summary>The stream is used once more.</summary>
    /// <param name="most">Most episodes to begin.</param>
    public void Widen(int most) => _window = Math.Min(most, (2 * _window) + 1);

    /// <summary>Begins nothing until the stream is used again.</summary>
    public void Close() => _window = 0;
}
