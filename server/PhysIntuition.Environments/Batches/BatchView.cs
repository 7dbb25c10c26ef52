namespace PhysIntuition.Environments.Batches;

/// <summary>What can be seen of a batch's episodes, between its calls.</summary>
/// <remarks>
/// Pictures and states of ended episodes show what the batch's options say. Where that is a settled world which
/// nobody has asked for yet, it is simulated at once, for all slots of the call together.
/// </remarks>
public sealed class BatchView
{
    private readonly EnvironmentBatch _batch;
    private readonly Slot[] _slots;
    private readonly BatchPainter? _painter;

    internal BatchView(EnvironmentBatch batch, Slot[] slots, BatchPainter? painter) =>
        (_batch, _slots, _painter) = (batch, slots, painter);

    private ITask Task => _batch.Task;

    /// <summary>The episode itself, for players and exporters in this process.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public Episode Episode(int slot, ObservationTime time = ObservationTime.Now)
    {
        CheckDisclosed("state");

        return EpisodeAt(slot, time);
    }

    /// <summary>The prompt of a slot's episode: question, earlier answers, the answer's form.</summary>
    public string Prompt(int slot, ObservationTime time = ObservationTime.Now) =>
        Prompts.Of(Task, EpisodeAt(slot, time));

    /// <summary>The expert's answer as text between answer tags.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public string Expert(int slot, ObservationTime time = ObservationTime.Now) =>
        AnswerText.Write(ExpertNumbers(slot, time), Task.Spec.Answer, EpisodeAt(slot, time).Options.Form);

    /// <summary>The expert's answer as numbers.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public Answer ExpertNumbers(int slot, ObservationTime time = ObservationTime.Now)
    {
        CheckDisclosed("expert");

        return Task.Expert(EpisodeAt(slot, time));
    }

    /// <summary>What a person needs to point at a place in a slot's picture, held-out or not.</summary>
    /// <returns>Null where answers are words or pictures.</returns>
    public Aim? Aim(int slot) => Episodes.Aim.Of(Task, EpisodeAt(slot));

    /// <summary>What a slot's last answer sets in motion, before it moves: for people to watch.</summary>
    /// <returns>A world of its own; the slot's bodies as they are where the answer moves none.</returns>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public World InMotion(int slot)
    {
        CheckDisclosed("state");
        var (episode, context) = (EpisodeAt(slot), _slots[slot].Context);
        var isAnswered = Task.Spec.MaxSteps == 1 && (_slots[slot].IsDone || _slots[slot].IsAnswered);
        var world = new World();
        world.CopyFrom((isAnswered ? AnswerEffect.Of(Task, episode, context.Answer)
            : episode.Steps > 0 ? context.Start : null) ?? episode.World);

        return world;
    }

    /// <summary>The exact scenes of slots, see <see cref="StateLayout"/>.</summary>
    /// <param name="slots">Which slots; repetition allowed.</param>
    /// <param name="target">float32[slots, <see cref="StateLayout.Rows"/>, <see cref="StateLayout.Columns"/>].</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="outcome">What is shown of ended ones; null: as the options say.</param>
    /// <param name="holdsStates">Whether the target holds other states: then less of it is written.</param>
    /// <exception cref="PhysIntuitionException">Withheld, or a slot has no episode.</exception>
    public void State(
        ReadOnlySpan<int> slots, Span<float> target, ObservationTime time = ObservationTime.Now,
        TerminalView? outcome = null, bool holdsStates = false)
    {
        CheckDisclosed("state");
        var shown = Prepare(slots, time, outcome);
        for (var row = 0; row < slots.Length; row++)
        {
            StateLayout.Write(
                EpisodeAt(slots[row], time), WorldAt(slots[row], time, shown),
                target.Slice(row * StateLayout.Length, StateLayout.Length), holdsStates);
        }
    }

    /// <summary>A slot's picture as an agent sees it.</summary>
    /// <param name="slot">Which slot.</param>
    /// <param name="side">Pixels of each side.</param>
    public Picture Picture(int slot, int side)
    {
        var picture = new Picture(side, side);
        Render([slot], new FrameFormat(side, side), new FrameBuffers { Rgb = picture.Rgb });

        return picture;
    }

    /// <summary>Draws slots into the caller's buffers, in the order given.</summary>
    /// <param name="slots">Which slots; repetition allowed.</param>
    /// <param name="format">Size and channels.</param>
    /// <param name="frames">A buffer for each channel asked for.</param>
    /// <param name="time">Which episodes.</param>
    /// <param name="outcome">What is shown of ended ones; null: as the options say.</param>
    /// <exception cref="PhysIntuitionException">A slot has no episode, or the batch has no renderer.</exception>
    public void Render(
        ReadOnlySpan<int> slots, in FrameFormat format, in FrameBuffers frames,
        ObservationTime time = ObservationTime.Now, TerminalView? outcome = null)
    {
        var painter = _painter ?? throw new PhysIntuitionException(Fault.Unavailable, "observe",
            "Pictures were asked for, but this batch was opened without a renderer. Open it with one.");
        var shown = Prepare(slots, time, outcome);
        painter.Begin();
        foreach (var slot in slots)
        {
            painter.Add(EpisodeAt(slot, time), WorldAt(slot, time, shown));
        }

        painter.Draw(format, frames);
    }

    /// <summary>Draws what earlier turns showed.</summary>
    internal void RenderPast(ReadOnlySpan<PastTurn> turns, in FrameFormat format, in FrameBuffers frames)
    {
        _painter!.Begin();
        foreach (var turn in turns)
        {
            _painter.Add(turn.Scene, turn.Scene.World);
        }

        _painter.Draw(format, frames);
    }

    /// <summary>Keeps the turn that an answer follows, as it is shown.</summary>
    internal void KeepTurn(int index, in SlotAction action)
    {
        var (episode, scene) = (_slots[index].Episode, new Episode());
        scene.CopyFrom(episode);
        scene.Past.Clear();
        scene.World.CopyFrom(WorldAt(index, ObservationTime.Now, TerminalView.Settled));
        var answer = action.Text ?? AnswerText.Write(
            Answer.Of(action.Numbers.Span), Task.Spec.Answer, episode.Options.Form, action.IsTry);
        episode.Past.Add(new(scene, ChatMessages.TextOf(_batch, index, ObservationTime.Now), answer));
    }

    /// <summary>The episode of a slot, whatever is disclosed.</summary>
    /// <exception cref="PhysIntuitionException">There is none.</exception>
    internal Episode EpisodeAt(int index, ObservationTime time = ObservationTime.Now)
    {
        if ((uint)index >= (uint)_slots.Length || !_slots[index].IsOpen)
        {
            throw new PhysIntuitionException(Fault.OutOfOrder, "slots",
                $"Slot {index} has no episode; there are {_slots.Length} slots, and Reset gives them one.");
        }

        return time == ObservationTime.Now ? _slots[index].Episode : _batch.Results.HasFinal[index]
            ? _slots[index].Final
            : throw new PhysIntuitionException(Fault.OutOfOrder, "slots",
                $"The last step finished no episode in slot {index}; ask for the final one where it did.");
    }

    private TerminalView Prepare(ReadOnlySpan<int> slots, ObservationTime time, TerminalView? outcome)
    {
        _batch.CheckIdle();
        foreach (var slot in slots)
        {
            _ = EpisodeAt(slot, time);
        }

        var shown = outcome ?? _batch.Options.Outcome;
        _batch.Settle(slots, shown);

        return shown;
    }

    // The outcome of a held-out episode would give its label away, so its pictures stop at the question.
    private World WorldAt(int index, ObservationTime time, TerminalView shown)
    {
        var slot = _slots[index];
        var showsOutcome = time == ObservationTime.Final || slot.IsDone
            ? shown == TerminalView.Settled
            : slot.IsAnswered;

        return showsOutcome && slot.HasOutcome && !_batch.IsWithheld
            ? slot.Outcome
            : EpisodeAt(index, time).World;
    }

    /// <summary>Refuses what would give labels away.</summary>
    internal void CheckDisclosed(string field)
    {
        if (_batch.IsWithheld)
        {
            throw new PhysIntuitionException(Fault.NotAllowed, field,
                $"'{field}' of held-out scenes is withheld until the run is scored. Use the split train, val or test.");
        }
    }
}
