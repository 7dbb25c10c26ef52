using System.Globalization;
using PhysIntuition.Environments.Answers;
using PhysIntuition.Environments.Splits;
using PhysIntuition.Faults;

namespace PhysIntuition.Environments.Batches;

/// <content>Steps: actions in, rewards and ends out.</content>
public sealed partial class EnvironmentBatch
{
    private readonly List<Answer> _answers = [];

    private bool IsWithheld => Options.Split == Split.Heldout || Options.Disclosure == Disclosure.Withheld;

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
    /// <exception cref="PhysIntuitionException">
    /// The number of actions, a number or its range is wrong, or a slot has no running episode.
    /// Text that cannot be read is no error: it is scored, and <see cref="StepResults.ParseErrors"/> says why.
    /// </exception>
    public void BeginStep(ReadOnlySpan<SlotAction> actions, ReadOnlySpan<bool> mask = default)
    {
        CheckIdle();
        CheckLength("actions", actions.Length, allowsEmpty: false);
        CheckLength("mask", mask.Length, allowsEmpty: true);
        _answers.Clear();
        for (var i = 0; i < _slots.Length; i++)
        {
            _answers.Add(mask.IsEmpty || mask[i] ? ReadAction(i, actions[i]) : default);
        }

        for (var i = 0; i < _slots.Length; i++)
        {
            ClearSlot(i);
            if (!mask.IsEmpty && !mask[i])
            {
                continue;
            }

            if (_slots[i].IsDone)
            {
                BeginDraft(i, _slots[i].NextSeed(Options.Split));
            }
            else
            {
                BeginTurn(i, _answers[i]);
            }
        }

        CollectPending();
    }

    /// <summary>True rewards of the last step, whatever is disclosed: for whoever scores held-out runs.</summary>
    /// <param name="slot">Index of the slot.</param>
    public double TrueReward(int slot) => _slots[slot].TrueReward;

    /// <summary>Outcome hashes of the last step, whatever is disclosed: for whoever scores held-out runs.</summary>
    /// <param name="slot">Index of the slot.</param>
    public ulong TrueOutcomeHash(int slot) => _slots[slot].TrueOutcomeHash;

    /// <summary>Reads an action for a slot's running episode.</summary>
    /// <param name="slot">Whose episode.</param>
    /// <param name="row">Index to name in errors.</param>
    /// <param name="action">Text or numbers.</param>
    internal Answer ReadAnswer(int slot, int row, in SlotAction action) => action.Text is { } text
        ? Task.Parse(text, _slots[slot].Episode)
        : CheckNumbers(row, action.Numbers.Span);

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

        return ReadAnswer(index, index, action);
    }

    private Answer CheckNumbers(int index, ReadOnlySpan<double> numbers)
    {
        var axes = Task.Spec.Answer;
        if (numbers.Length != axes.Count)
        {
            throw new PhysIntuitionException(Fault.InvalidArgument, $"actions[{index}]",
                $"'actions[{index}]' has {numbers.Length} numbers; {Task.Spec.Id} takes {axes.Count} "
                + $"({string.Join(", ", axes.Select(axis => axis.Name))}), or text.");
        }

        for (var k = 0; k < numbers.Length; k++)
        {
            var (axis, value) = (axes[k], numbers[k]);
            if (!(value >= axis.Min && value <= axis.Max) || (axis.IsInteger && value != Math.Floor(value)))
            {
                var kind = axis.IsInteger ? "a whole number" : "a number";
                throw new PhysIntuitionException(Fault.InvalidArgument, $"actions[{index}].{axis.Name}",
                    string.Create(CultureInfo.InvariantCulture, $"'actions[{index}].{axis.Name}' is {value}; ")
                    + string.Create(CultureInfo.InvariantCulture,
                        $"it must be {kind} in [{axis.Min}, {axis.Max}] {axis.Unit}. Round and clip it."));
            }
        }

        return Answer.Of(numbers);
    }

    private void BeginTurn(int index, in Answer answer)
    {
        var slot = _slots[index];
        slot.HasAfter = false;
        slot.Turn.Begin(slot.Episode, answer);
        Task.Act(slot.Turn);
        slot.Phase = Phase.Judging;
        if (slot.Turn.Trials.Count == 0)
        {
            FinishStep(index);
        }
    }

    private void FinishStep(int index)
    {
        var slot = _slots[index];
        var verdict = Task.Judge(slot.Turn);
        slot.Episode.Steps++;
        slot.Phase = Phase.Idle;
        if (slot.Turn.Trials.Count > 0 && slot.Turn.Trials[0].Duration == 0)
        {
            slot.After.CopyFrom(slot.Turn.Trials[0].World);
            slot.HasAfter = true;
        }

        var isTruncated = !verdict.IsOver && slot.Episode.Steps >= Task.Spec.MaxSteps;
        slot.IsDone = verdict.IsOver || isTruncated;
        slot.TrueReward = verdict.Reward;
        slot.TrueOutcomeHash = slot.Turn.Trials.Count > 0
            ? Episodes.SceneHash.OfOutcome(slot.Turn.Trials[0])
            : slot.Turn.Episode.OutcomeHash;
        WriteVerdict(index, verdict, isTruncated);
        if (slot.IsDone && Options.Autoreset == AutoresetMode.SameStep)
        {
            KeepFinal(index);
            BeginDraft(index, slot.NextSeed(Options.Split));
        }
        else
        {
            ShowEpisode(index);
        }
    }

    private void WriteVerdict(int index, in Episodes.Verdict verdict, bool isTruncated)
    {
        var turn = _slots[index].Turn;
        Results.Terminated[index] = verdict.IsOver;
        Results.Truncated[index] = isTruncated;
        Results.ParseErrors[index] = turn.Answer.Error;
        if (!IsWithheld)
        {
            Results.Rewards[index] = verdict.Reward;
            Results.Verdicts[index] = verdict.Reason;
            Results.Distances[index] = verdict.Distance;
            Results.OutcomeHashes[index] = _slots[index].TrueOutcomeHash;
        }
    }

    private void KeepFinal(int index)
    {
        var slot = _slots[index];
        (slot.Final, slot.Episode) = (slot.Episode, slot.Final);
        slot.Turn.Episode = slot.Final;
        Results.HasFinal[index] = true;
        Results.FinalSteps[index] = slot.Final.Steps;
        Results.FinalSceneHashes[index] = slot.Final.SceneHash;
        Results.FinalSeeds[index] = IsWithheld ? 0 : slot.Final.Seed;
    }

    private void ClearResult(int index)
    {
        Results.Rewards[index] = 0;
        Results.Terminated[index] = Results.Truncated[index] = false;
        Results.WasReset[index] = Results.HasFinal[index] = false;
        Results.Verdicts[index] = Results.ParseErrors[index] = null;
        Results.Distances[index] = double.NaN;
        Results.OutcomeHashes[index] = 0;
        Results.IsWithheld[index] = IsWithheld;
        (_slots[index].TrueReward, _slots[index].TrueOutcomeHash) = (0, 0);
    }

    // A new episode, or the same one a step later.
    private void ShowEpisode(int index)
    {
        var episode = _slots[index].Episode;
        Results.Steps[index] = episode.Steps;
        Results.SceneHashes[index] = episode.SceneHash;
        Results.WasReset[index] = episode.Steps == 0;
        Results.Seeds[index] = IsWithheld ? 0 : episode.Seed;
        Results.Margins[index] = IsWithheld ? float.NaN : episode.Facts.Margin;
    }
}
