namespace PhysIntuition.Environments.Batches;

/// <summary>Leads answers to their verdicts and, where somebody looks, to their outcomes.</summary>
internal sealed class AnswerJudge(ITask task, StepResults results)
{
    /// <summary>Begins the judgement of an answer.</summary>
    /// <returns>Whether it can be judged at once; else the turn's trials are to be simulated.</returns>
    public bool Begin(Slot slot, in Answer answer)
    {
        slot.ClearOutcome();
        slot.Context.Begin(slot.Episode, answer);
        task.Act(slot.Context);
        if (!task.Spec.AsksOnce)
        {
            slot.Context.KeepStart();
        }

        slot.Phase = slot.Context.Counterfactuals.Count > 0 ? AnswerPhase.Judging : AnswerPhase.Idle;

        return slot.Phase == AnswerPhase.Idle;
    }

    /// <summary>Scores the answer of a slot once its trials are simulated.</summary>
    public void Judge(Slot slot, int index)
    {
        var (turn, episode) = (slot.Context, slot.Episode);
        var verdict = task.Judge(turn);
        if (AttemptRule.Applies(task.Spec, episode.Options))
        {
            verdict = AttemptRule.Count(task.Spec, turn, verdict);
        }

        (episode.LastVerdict, episode.LastError) = (verdict.Reason, turn.Answer.Error);
        episode.Steps++;
        var isTruncated = !verdict.IsOver && episode.Steps >= AttemptRule.MaxSteps(task.Spec, episode.Options);
        slot.Phase = AnswerPhase.Idle;
        slot.IsDone = verdict.IsOver || isTruncated;
        slot.TrueReward = verdict.Reward;
        slot.TrueOutcomeHash = turn.Counterfactuals.Count > 0
            ? SceneHash.OfOutcome(turn.Counterfactuals[0]) : episode.OutcomeHash;
        results.AddVerdict(index, verdict, isTruncated, turn.Answer.Error, slot.TrueOutcomeHash);
        if (turn.Counterfactuals.Count > 0)
        {
            slot.SetOutcome(turn.Counterfactuals[0].World);
        }
    }

    /// <summary>Begins to settle what came of the last answer, unless that is known.</summary>
    public void BeginOutcome(Slot slot)
    {
        if (slot.IsSettled)
        {
            return;
        }

        slot.Context.Counterfactuals.Clear();
        task.Consequence(slot.Context);
        if (slot.Context.Counterfactuals.Count > 0)
        {
            slot.Phase = AnswerPhase.Settling;
        }
        else
        {
            slot.SetOutcome(null);
        }
    }

    /// <summary>Keeps the outcome once it is simulated.</summary>
    public void EndOutcome(Slot slot)
    {
        slot.Phase = AnswerPhase.Idle;
        slot.SetOutcome(slot.Context.Counterfactuals[0].World);
    }
}
