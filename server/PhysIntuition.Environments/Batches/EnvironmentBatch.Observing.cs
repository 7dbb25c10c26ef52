using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Episodes;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Environments.Tasks;
using PhysIntuition.Faults;
using PhysIntuition.Rendering;
using PhysIntuition.Rendering.Scenes;
using PhysIntuition.Simulation.Bodies;

namespace PhysIntuition.Environments.Batches;

/// <summary>Which moment of a slot is looked at.</summary>
public enum Moment
{
    /// <summary>What the agent sees now; after the last answer, what came of it (unless that is withheld).</summary>
    Now,

    /// <summary>The end of the episode that the last step finished in same-step mode.</summary>
    Final,
}

/// <content>Observations, computed only when asked for.</content>
public sealed partial class EnvironmentBatch
{
    private readonly List<Scene> _scenes = [];
    private readonly Trials _consequences = new();
    private readonly List<int> _missing = [];

    /// <summary>The prompt of a slot's episode: question, earlier answers, the answer's form.</summary>
    public string Prompt(int slot, Moment moment = Moment.Now) => Prompts.Of(Task, EpisodeOf(slot, moment));

    /// <summary>The expert's answer as text between answer tags.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public string Expert(int slot, Moment moment = Moment.Now) =>
        AnswerText.Write(ExpertNumbers(slot, moment), Task.Spec.Answer);

    /// <summary>The expert's answer as numbers.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public Answer ExpertNumbers(int slot, Moment moment = Moment.Now)
    {
        CheckOpen("expert");

        return Task.Expert(EpisodeOf(slot, moment));
    }

    /// <summary>The exact scene, see <see cref="StateLayout"/>.</summary>
    /// <param name="slot">Index of the slot.</param>
    /// <param name="target">float32[<see cref="StateLayout.Length"/>].</param>
    /// <param name="moment">Now, or the final episode.</param>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public void State(int slot, Span<float> target, Moment moment = Moment.Now)
    {
        CheckOpen("state");
        Span<int> one = [slot];
        EnsureAfter(one);
        StateLayout.Write(EpisodeOf(slot, moment), WorldOf(slot, moment), target);
    }

    /// <summary>The episode itself, for players and exporters in this process.</summary>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public Episode Episode(int slot, Moment moment = Moment.Now)
    {
        CheckOpen("state");

        return EpisodeOf(slot, moment);
    }

    /// <summary>Solved examples to show before a slot's question: a batch of the train split, one example a
    /// slot.</summary>
    /// <remarks>The option <c>examples</c> says how many; which ones is a pure function of the slot's scene.</remarks>
    /// <exception cref="PhysIntuitionException">The options ask for no examples.</exception>
    public EnvironmentBatch OpenExamples(int slot)
    {
        var episode = EpisodeOf(slot, Moment.Now);
        var count = episode.Options.Examples;
        if (count == 0)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, "options.examples",
                "'examples' is 0, so there are none. Set it to 3 or 5.");
        }

        var random = new Simulation.Random.RandomStream(
            SceneSeed.Of(Task.Spec.Id, episode.Split, episode.Seed), (ulong)Purpose.Examples);
        var seeds = new ulong[count];
        for (var i = 0; i < count; i++)
        {
            seeds[i] = random.NextBits() >> 16;   // 48 bits: the range of open seeds
        }

        var examples = new EnvironmentBatch(
            Task, new BatchOptions { Slots = count, Split = Split.Train, Task = episode.Options }, _runner.Simulator,
                _renderer);
        examples.Reset(default, seeds);

        return examples;
    }

    /// <summary>What a slot's last answer sets in motion, before it moves: for people to watch.</summary>
    /// <returns>A world of its own; the slot's bodies as they are where the answer moves none.</returns>
    /// <exception cref="PhysIntuitionException">Withheld.</exception>
    public World InMotion(int slot)
    {
        CheckOpen("state");
        var turn = new Turn();
        turn.Begin(EpisodeOf(slot, Moment.Now), _slots[slot].Turn.Answer);
        if (IsDone(slot) && Task.Spec.MaxSteps == 1)
        {
            Task.Act(turn);
            if (turn.Trials.Count == 0)
            {
                Task.Consequence(turn);
            }
        }

        var world = new World();
        world.CopyFrom(turn.Trials.Count > 0 ? turn.Trials[0].World : turn.Episode.World);

        return world;
    }

    /// <summary>What a person needs to point at a place in a slot's picture, held-out or not.</summary>
    /// <returns>Null where answers are words or pictures.</returns>
    public Aim? Aim(int slot) => Episodes.Aim.Of(Task, EpisodeOf(slot, Moment.Now));

    /// <summary>Whether a slot has an episode.</summary>
    public bool IsOpen(int slot) => _slots[slot].IsOpen;

    /// <summary>Whether a slot's episode has ended.</summary>
    public bool IsDone(int slot) => _slots[slot].IsDone;

    /// <summary>Draws slots into the caller's buffers, in the order given.</summary>
    /// <param name="slots">Which slots; repetition allowed.</param>
    /// <param name="format">Size and channels.</param>
    /// <param name="frames">A buffer for each channel asked for.</param>
    /// <param name="moment">Now, or the final episodes.</param>
    /// <exception cref="PhysIntuitionException">A slot has no episode, or the batch has no renderer.</exception>
    public void Render(
        ReadOnlySpan<int> slots, in FrameFormat format, in FrameBuffers frames, Moment moment = Moment.Now)
    {
        var renderer = _renderer ?? throw new PhysIntuitionException(Fault.Unavailable, "observe",
            "Pictures were asked for, but this batch was opened without a renderer. Open it with one.");
        CheckIdle();
        foreach (var slot in slots)
        {
            _ = EpisodeOf(slot, moment);
        }

        EnsureAfter(slots);
        if (Task is IPictureTask pictures)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                var size = format.BytesOf(Channels.Rgb);
                pictures.Compose(EpisodeOf(slots[i], moment), format, renderer, frames.Rgb.Slice(i * size, size));
            }

            return;
        }

        while (_scenes.Count < slots.Length)
        {
            _scenes.Add(new Scene());
        }

        for (var i = 0; i < slots.Length; i++)
        {
            Drawing.Fill(EpisodeOf(slots[i], moment), WorldOf(slots[i], moment), _scenes[i]);
        }

        renderer.Draw(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_scenes)[..slots.Length], format,
            frames);
    }

    /// <summary>The episode, whatever is disclosed: for whoever scores held-out runs or plays them as a
    /// baseline.</summary>
    /// <param name="slot">Index of the slot.</param>
    public Episode EpisodeFor(int slot) => EpisodeOf(slot, Moment.Now);

    private Episode EpisodeOf(int index, Moment moment)
    {
        if ((uint)index >= (uint)_slots.Length || !_slots[index].IsOpen)
        {
            throw new PhysIntuitionException(Fault.OutOfOrder, "slots",
                $"Slot {index} has no episode; there are {Slots} slots, and Reset gives them one.");
        }

        return moment == Moment.Now ? _slots[index].Episode : Results.HasFinal[index]
            ? _slots[index].Final
            : throw new PhysIntuitionException(Fault.OutOfOrder, "slots",
                $"The last step finished no episode in slot {index}; ask for the final one where it did.");
    }

    // The outcome of a held-out episode would give its label away, so its pictures stop at the question.
    private World WorldOf(int index, Moment moment)
    {
        var slot = _slots[index];
        var isAnswered = moment == Moment.Final || slot.IsDone;

        return isAnswered && slot.HasAfter && !IsWithheld ? slot.After
            : moment == Moment.Final ? slot.Final.World : slot.Episode.World;
    }

    private void EnsureAfter(ReadOnlySpan<int> slots)
    {
        if (IsWithheld)
        {
            return;
        }

        _missing.Clear();
        _consequences.Clear();
        foreach (var index in slots)
        {
            var slot = _slots[index];
            if (slot.HasAfter || !(slot.IsDone || Results.HasFinal[index]) || _missing.Contains(index))
            {
                continue;
            }

            slot.Turn.Trials.Clear();
            Task.Consequence(slot.Turn);
            if (slot.Turn.Trials.Count > 0)
            {
                _consequences.Settle(slot.Turn.Trials[0].World, slot.Turn.Trials[0].Settle);
                _missing.Add(index);
            }
        }

        _runner.Run(_consequences);
        for (var i = 0; i < _missing.Count; i++)
        {
            var slot = _slots[_missing[i]];
            slot.After.CopyFrom(_consequences[i].World);
            slot.HasAfter = true;
        }
    }

    private void CheckOpen(string field)
    {
        if (IsWithheld)
        {
            throw new PhysIntuitionException(Fault.NotAllowed, field,
                $"'{field}' of held-out scenes is withheld until the run is scored. Use the split train, val or test.");
        }
    }
}
